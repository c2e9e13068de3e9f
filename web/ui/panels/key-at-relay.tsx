import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { RelayState } from '#api/network-types.ts'
import type { HandedKey } from '#api/object-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { ObjectFailure } from '../components/object-failure.tsx'
import { Section } from '../components/panel.tsx'
import { failureOf } from '../failure.ts'
import { filesTexts as words } from '../files-texts.ts'
import { shortenAddress } from '../format.ts'
import { useSession } from '../session.ts'
import { formatMoment, formatUntil } from '../terms.ts'

interface GivenProps {
  readonly handed: HandedKey
  /** of the bytes, elsewhere; undefined until they were counted */
  readonly copies: number | undefined
  readonly isBusy: boolean
  readonly onTake: () => void
}

function Given({ handed, copies, isBusy, onTake }: GivenProps): JSX.Element {
  const { payers, leaving, stale, until } = handed
  const relay = shortRelay(handed.relay)
  if (leaving) return <p class="caption">{words.relay.leaving(relay, formatMoment(until))}</p>
  return (
    <>
      <p>{words.relay.given(relay, formatUntil(until))}</p>
      {copies ? null : (
        <p class="caption">{copies === 0 ? words.relay.bytesNowhere : words.relay.bytesAsked}</p>
      )}
      {payers ? null : <p class="caption">{words.relay.readersOnly}</p>}
      {stale ? <p class="caption">{words.relay.stale}</p> : null}
      <Button disabled={isBusy} onClick={onTake}>
        {words.relay.take}
      </Button>
    </>
  )
}

interface GiveProps {
  readonly relays: readonly RelayState[]
  readonly isBusy: boolean
  readonly onGive: (relay: string) => void
}

/** The relay is named before it gets the key: only one of this page or this person, whoever else is connected. */
function Give({ relays, isBusy, onGive }: GiveProps): JSX.Element {
  const own = relays.find(
    ({ status, choice }) => choice !== undefined && (status === 'connected' || status === 'reserved'),
  )
  const relay = own?.peerId
  if (own === undefined || relay === undefined) return <p class="caption">{words.relay.none}</p>
  return (
    <>
      <Button disabled={isBusy} onClick={() => onGive(relay)}>
        {words.relay.give}
      </Button>
      <p class="caption">{words.relay.how(shortRelay(relay), shortenAddress(own.address))}</p>
    </>
  )
}

const shortRelay = (peerId: string): string => peerId.slice(-6)

/** Whether a relay hands out the key of something restricted that was published from here; null for anything else. */
export function KeyAtRelay({ id }: { readonly id: string }): JSX.Element | null {
  const { tabland, state } = useSession()
  const [failure, setFailure] = useState<Failure>()
  const [isBusy, setBusy] = useState(false)
  const { published, handed } = state.files.value
  const mine = published.find((item) => item.id === id && item.readers !== undefined)
  if (mine === undefined) return null
  const copies = state.seed.value.items.find(({ cid }) => cid === mine.root)?.copies
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
          copies={copies}
          isBusy={isBusy}
          onTake={() => void run((objects) => objects.takeKeyFromRelay(id, each.relay))}
        />
      ))}
      {given.some(({ leaving }) => !leaving) ? null : (
        <Give
          relays={state.network.value.relays}
          isBusy={isBusy}
          onGive={(relay) => void run((objects) => objects.giveKeyToRelay(id, relay))}
        />
      )}
      {failure === undefined ? null : <ObjectFailure failure={failure} />}
    </Section>
  )
}
