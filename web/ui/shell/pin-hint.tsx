import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { IconButton } from '../components/button.tsx'
import { PinHintText } from '../components/pin-hint-text.tsx'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Tells once how to pin the tab, where the welcome stood before. */
export function FloatingPinHint(): JSX.Element | null {
  const { pinHint } = useSession()
  const due = pinHint.due.value
  useEffect(() => {
    if (due) pinHint.remember()
  }, [pinHint, due])
  if (!due) return null
  return (
    <section class="welcome" aria-label={texts.seed.hint.title}>
      <header class="welcome-head">
        <h2>{texts.seed.hint.title}</h2>
        <IconButton icon="close" label={texts.common.dismiss} onClick={pinHint.dismiss} />
      </header>
      <PinHintText />
    </section>
  )
}
