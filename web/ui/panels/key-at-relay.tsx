import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { HandedKey } from '#api/object-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { ObjectFailure } from '../components/object-failure.tsx'
import { Section } from '../components/panel.tsx'
import { failureOf } from '../failure.ts'
import { filesTexts as words } from '../files-texts.ts'
import { useSession } from '../session.ts'
import { formatUntil } from '../terms.ts'

function Given({ handed, onTake }: { readonly handed: HandedKey; readonly onTake: () => void }): JSX.Element {
  const { payers, leaving, stale } = handed
  const [relay, until] = [handed.relay.slice(-6), formatUntil(handed.until)]
  if (leaving) return <p class="caption">{words.relay.leaving(relay, until)}</p>
  return (
    <>
      <p>{words.relay.given(relay, until)}</p>
      {payers ? null : <p class="caption">{words.relay.readersOnly}</p>}
      {stale ? <p class="caption">{words.relay.stale}</p> : null}
      <Button onClick={onTake}>{words.relay.take}</Button>
    </>
  )
}

/** Whether a relay hands out the key of something restricted that was published from here; null for anything else. */
export function KeyAtRelay({ id }: { readonly id: string }): JSX.Element | null {
  const { tabland, state } = useSession()
  const [failure, setFailure] = useState<Failure>()
  const [isBusy, setBusy] = useState(false)
  const { published, handed } = state.files.value
  const isMine = published.some((item) => item.id === id && item.readers !== undefined)
  if (!isMine) return null
  const given = handed.filter((each) => each.id === id)
  const run = async (command: (objects: Tabland['objects']) => Promise<unknown>): Promise<void> => {
    setBusy(true)
    setFailure(undefined)
    try {
      await command((await tabland).objects)
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Section title={words.relay.title}>
      {given.map((each) => (
        <Given
          key={each.relay}
          handed={each}
          onTake={() => void run((objects) => objects.takeKeyFromRelay(id, each.relay))}
        />
      ))}
      {given.some(({ leaving }) => !leaving) ? null : (
        <>
          <Button disabled={isBusy} onClick={() => void run((objects) => objects.giveKeyToRelay(id))}>
            {words.relay.give}
          </Button>
          <p class="caption">{words.relay.how}</p>
        </>
      )}
      {failure === undefined ? null : <ObjectFailure failure={failure} />}
    </Section>
  )
}
