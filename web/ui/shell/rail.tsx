import type { JSX } from 'preact'
import { Icon, type IconName } from '../components/icon.tsx'
import type { PanelId } from '../route.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** All but the rank and the votes, which are opened from others and from more. */
type RailId = Exclude<PanelId, 'rank' | 'governance'>

const ITEMS: readonly { readonly id: RailId; readonly icon: IconName }[] = [
  { id: 'search', icon: 'search' },
  { id: 'land', icon: 'land' },
  { id: 'build', icon: 'build' },
  { id: 'files', icon: 'folder' },
  { id: 'seed', icon: 'seed' },
  { id: 'network', icon: 'network' },
  { id: 'graph', icon: 'graph' },
  { id: 'wallet', icon: 'wallet' },
  { id: 'more', icon: 'more' },
]

/** The slim rail at the left, a bar at the bottom of a phone: one panel at a time. */
export function Rail(): JSX.Element {
  const session = useSession()
  const open = session.panel.value
  return (
    <nav class="rail" aria-label={texts.rail.label}>
      {ITEMS.map(({ id, icon }) => (
        <button
          key={id}
          id={railButtonId(id)}
          type="button"
          class="rail-item"
          aria-pressed={open === id}
          onClick={() => session.toggle(id)}
        >
          <Icon name={icon} />
          <span>{texts.rail[id]}</span>
        </button>
      ))}
    </nav>
  )
}

/** Where the focus returns when a panel is closed. */
export function railButtonId(panel: PanelId): string {
  return `rail-${panel}`
}
