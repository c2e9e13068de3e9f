import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { moreTexts } from '../more-texts.ts'
import { useSession } from '../session.ts'
import { Copyable } from './copy.tsx'
import { Section } from './panel.tsx'

const FILE = './tabland.html'

/** Does the server that the page came from offer the page in one file? A page from disk is that file. */
function useOffered(): boolean {
  const [offered, setOffered] = useState(false)
  useEffect(() => {
    if (location.protocol === 'file:') return
    const controller = new AbortController()
    fetch(FILE, { method: 'HEAD', signal: controller.signal }).then(
      ({ ok }) => setOffered(ok),
      () => {}, // no server now: nothing to offer
    )
    return () => controller.abort()
  }, [])
  return offered
}

/** The whole page as a download, and how the file learns of a relay; nothing where there is none. */
export function SingleFile(): JSX.Element | null {
  const relay = useSession().state.network.value.relays[0]?.address
  if (!useOffered()) return null
  const { title, how, download, open } = moreTexts.singleFile
  return (
    <Section title={title}>
      <p>{how}</p>
      <p>
        <a class="button button-plain" href={FILE} download="tabland.html">
          {download}
        </a>
      </p>
      {relay === undefined ? null : (
        <>
          <p class="caption">{open}</p>
          <Copyable value={`tabland.html#relay=${relay}`} what={title} />
        </>
      )}
    </Section>
  )
}
