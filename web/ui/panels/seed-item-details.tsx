import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { SeedItem } from '#api/seed-types.ts'
import { Button } from '../components/button.tsx'
import { Copyable, copyText } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { Icon } from '../components/icon.tsx'
import { useNow } from '../components/now.ts'
import { Row } from '../components/panel.tsx'
import { SnippetView } from '../components/snippet-view.tsx'
import { Waiting } from '../components/waiting.tsx'
import { formatAgo, formatBytes } from '../format.ts'
import { copiesLine, formatWorth, reasonsLong } from '../seed-lines.ts'
import { evictionPlace, isMine, isWhole } from '../seed-list.ts'
import type { ItemCommand, ListedItem } from '../seed-store.ts'
import { type Session, useSession } from '../session.ts'
import { texts } from '../texts.ts'

const { item: words } = texts.seed

/** Holders listed: what a person may want to know by name. */
const MAX_HOLDERS = 12

function worthLine(item: SeedItem, items: readonly SeedItem[]): string | undefined {
  const place = evictionPlace(items, item)
  if (place === undefined || item.worth === undefined) return undefined
  return `${formatWorth(item.worth)}, ${words.place(place.place, place.of)}`
}

function Facts({ item, now }: { readonly item: SeedItem; readonly now: number }): JSX.Element {
  const { items } = useSession().state.seed.value
  const worth = worthLine(item, items)
  const held =
    item.bytes === undefined || isWhole(item)
      ? formatBytes(item.heldBytes)
      : words.heldOf(formatBytes(item.heldBytes), formatBytes(item.bytes))
  return (
    <dl class="rows">
      <Row name={words.why}>{reasonsLong(item.reasons)}</Row>
      {worth === undefined ? null : <Row name={words.worth}>{worth}</Row>}
      <Row name={words.held}>{held}</Row>
      <Row name={words.traffic}>
        {words.trafficLine(formatBytes(item.sentBytes), formatBytes(item.receivedBytes))}
      </Row>
      <Row name={words.used}>{formatAgo(item.usedAt, now)}</Row>
      <Row name={words.cid}>
        <Copyable value={item.cid} what={words.cid} />
      </Row>
    </dl>
  )
}

function Copies({ item, now }: { readonly item: SeedItem; readonly now: number }): JSX.Element {
  const { state } = useSession()
  const { wantedCopies } = state.seed.value.settings
  const isPrivate = state.network.value.mode === 'relayed'
  return (
    <div class="stack">
      <p>{copiesLine(item, wantedCopies, now)}</p>
      {isPrivate ? <p class="caption">{words.privateHow}</p> : null}
      {item.holders.length === 0 ? null : (
        <>
          <ul class="list" aria-label={words.holders}>
            {item.holders.slice(0, MAX_HOLDERS).map(({ device, kind, checkedAt }) => (
              <li key={device} class="list-row">
                <Icon name={kind === 'relay' ? 'relay' : 'peers'} size={14} />
                <span class="list-text">
                  <Copyable value={device} what={words.device} />
                </span>
                <span class="caption">{`${words.holderKinds[kind]}, ${formatAgo(checkedAt, now)}`}</span>
              </li>
            ))}
          </ul>
          <p class="caption">{words.provedHow}</p>
        </>
      )}
    </div>
  )
}

/** What would be lost to everyone is not let go of by one click. */
function needsConfirm(command: ItemCommand, { copies }: SeedItem): boolean {
  return (command === 'unpin' || command === 'drop') && (copies ?? 0) === 0
}

async function copyLink(session: Session, cid: string): Promise<void> {
  const copied = await copyText(session, session.navigation.linkToContent(cid))
  if (copied) session.toasts.show('done', words.linkCopied)
}

function Confirm({ command, onYes, onNo }: ConfirmProps): JSX.Element {
  const drops = command === 'drop'
  return (
    <div class="seed-notice" role="alert">
      <p>{drops ? words.dropConfirm : words.unpinConfirm}</p>
      <div class="buttons">
        <Button kind="danger" onClick={onYes}>
          {drops ? words.confirmDrop : words.confirmUnpin}
        </Button>
        <Button onClick={onNo}>{texts.common.cancel}</Button>
      </div>
    </div>
  )
}

interface ConfirmProps {
  readonly command: ItemCommand
  readonly onYes: () => void
  readonly onNo: () => void
}

function Commands({ listed }: { readonly listed: ListedItem }): JSX.Element {
  const session = useSession()
  const [asked, setAsked] = useState<ItemCommand>()
  const { item, name, build } = listed
  const mine = isMine(item)
  const give = (command: ItemCommand): void => {
    setAsked(undefined)
    void session.seed.command(item.cid, command)
  }
  const ask = (command: ItemCommand): void => {
    if (needsConfirm(command, item)) setAsked(command)
    else give(command)
  }
  if (asked !== undefined) {
    return <Confirm command={asked} onYes={() => give(asked)} onNo={() => setAsked(undefined)} />
  }
  return (
    <div class="buttons">
      {mine && !isWhole(item) && item.transfer === undefined ? (
        <Button kind="primary" icon="download" onClick={() => give('pin')}>
          {words.resume}
        </Button>
      ) : null}
      {build === undefined ? null : (
        <Button icon="here" onClick={() => session.goTo(build.cell)}>
          {words.goThere}
        </Button>
      )}
      <Button icon="arrow" onClick={() => session.showResult(item.cid, name)}>
        {words.open}
      </Button>
      <Button icon="link" onClick={() => void copyLink(session, item.cid)}>
        {words.copyLink}
      </Button>
      <Button icon="peers" onClick={() => give('check')}>
        {words.check}
      </Button>
      {mine ? (
        <Button icon="unpin" onClick={() => ask('unpin')}>
          {words.unpin}
        </Button>
      ) : (
        <>
          <Button icon="pin" onClick={() => give('pin')}>
            {words.pin}
          </Button>
          <Button kind="danger" icon="remove" onClick={() => ask('drop')}>
            {words.drop}
          </Button>
        </>
      )}
    </div>
  )
}

/** Everything known of one kept item, and what can be done with it. */
export function SeedItemDetails({ listed }: { readonly listed: ListedItem }): JSX.Element {
  const { seed } = useSession()
  const now = useNow()
  const { item, name } = listed
  const working = seed.working.value.get(item.cid)
  return (
    <div class="seed-details">
      {isWhole(item) ? <SnippetView cid={item.cid} query={name} /> : null}
      {item.transfer?.failure === undefined ? null : (
        <FailureNote failure={item.transfer.failure} onRetry={() => void seed.command(item.cid, 'pin')} />
      )}
      <Facts item={item} now={now} />
      <Copies item={item} now={now} />
      {working === undefined ? <Commands listed={listed} /> : null}
      {working !== undefined && working.failure === undefined ? (
        <Waiting what={words.working[working.command]} slow={words.workingSlow} />
      ) : null}
      {working?.failure === undefined ? null : (
        <>
          <FailureNote
            failure={working.failure}
            onRetry={() => void seed.command(item.cid, working.command)}
          />
          <Commands listed={listed} />
        </>
      )}
    </div>
  )
}
