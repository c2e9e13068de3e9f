import type { JSX } from 'preact'
import type { OpenedEntry, OpenedObject } from '#api/object-types.ts'
import { Button } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { FilePreview, SaveFile } from '../components/file-preview.tsx'
import { Icon } from '../components/icon.tsx'
import { useNow } from '../components/now.ts'
import { ObjectFailure } from '../components/object-failure.tsx'
import { Row } from '../components/panel.tsx'
import { Unlock } from '../components/unlock.tsx'
import { Waiting } from '../components/waiting.tsx'
import { folderOfLink, linkInFolder, wholeLink } from '../cyfs-url.ts'
import type { OpenedLink } from '../files-store.ts'
import { filesTexts as words } from '../files-texts.ts'
import { formatAgo, formatBytes, shorten } from '../format.ts'
import { copiesLine } from '../seed-lines.ts'
import { useSession } from '../session.ts'
import { KeyAtRelay } from './key-at-relay.tsx'
import { SellObject } from './sell-object.tsx'

/** How far it is to be believed, in words ([OB10]). */
function trustLine({ trust }: OpenedObject, own: string | undefined): string {
  if (trust.level === 'untrusted') return words.object.trustNobody
  if (trust.level === 'id') return words.object.trustId
  if (trust.people === undefined) return words.object.trustKey
  if (trust.people === own) return words.object.trustYours
  return words.object.trustOwner(shorten(trust.people))
}

function Facts({ object, link }: { readonly object: OpenedObject; readonly link: string }): JSX.Element {
  const { state } = useSession()
  const now = useNow()
  const { items, settings } = state.seed.value
  const kept = items.find(({ cid }) => cid === object.root)
  const { trust, owner, updatedAt, bytes, root } = object
  return (
    <dl class="rows">
      <Row name={words.object.trust}>
        <span class={`trust trust-${trust.level}`}>{trustLine(object, state.wallet.value?.address)}</span>
      </Row>
      <Row name={words.object.type}>{words.object.types(object.type, object.mime)}</Row>
      {bytes === undefined ? null : <Row name={words.object.size}>{formatBytes(bytes)}</Row>}
      {trust.level !== 'owner' || updatedAt === undefined ? null : (
        <Row name={words.object.updated}>{formatAgo(updatedAt, now)}</Row>
      )}
      <Row name={words.mine.link}>
        <Copyable value={link} what={words.mine.link} />
      </Row>
      <Row name={words.mine.id}>
        <Copyable value={object.id} what={words.mine.id} />
      </Row>
      {object.readers === undefined ? null : (
        <Row name={words.object.readers}>
          <div class="stack">
            {object.readers.map((reader) => (
              <Copyable key={reader} value={reader} what={words.object.readers} />
            ))}
          </div>
        </Row>
      )}
      {owner === undefined ? null : (
        <Row name={words.object.owner}>
          <Copyable value={owner} what={words.object.owner} />
        </Row>
      )}
      {root === undefined ? null : (
        <Row name={words.object.bytes}>
          <Copyable value={root} what={words.object.bytes} />
        </Row>
      )}
      {kept === undefined ? null : (
        <Row name={words.object.copies}>{copiesLine(kept, settings.wantedCopies, now)}</Row>
      )}
    </dl>
  )
}

function Entries({ entries, link }: EntriesProps): JSX.Element {
  const { files } = useSession()
  return (
    <>
      <p class="caption">{words.object.entries(entries.length)}</p>
      <ul class="seed-list">
        {entries.map(({ path, bytes }) => (
          <li key={path} class="seed-item">
            <button type="button" class="seed-row" onClick={() => void files.open(linkInFolder(link, path))}>
              <Icon name="file" />
              <span class="seed-main">
                <span class="seed-name">{path}</span>
              </span>
              {bytes === undefined ? null : <span class="caption">{formatBytes(bytes)}</span>}
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

interface EntriesProps {
  readonly entries: readonly OpenedEntry[]
  readonly link: string
}

function Json({ object }: { readonly object: OpenedObject }): JSX.Element {
  return (
    <details class="object-json">
      <summary>{words.object.json}</summary>
      <pre>{JSON.stringify(object.json, null, 2)}</pre>
    </details>
  )
}

function Found({ object, link }: { readonly object: OpenedObject; readonly link: string }): JSX.Element {
  const { entries, restricted } = object
  const { files } = useSession()
  return (
    <>
      <h3 class="object-name">{object.name ?? shorten(object.id)}</h3>
      {restricted?.readable === false ? (
        <>
          <ObjectFailure failure={restricted.failure} onRetry={() => void files.open(link)} />
          {object.trust.level !== 'owner' || object.trust.people === undefined ? null : (
            <Unlock
              key={object.id}
              object={object.id}
              author={object.trust.people}
              onOpen={() => void files.open(link)}
            />
          )}
        </>
      ) : (
        <>
          <FilePreview object={object} link={link} />
          {object.bytes === undefined ? null : <SaveFile object={object} link={link} />}
        </>
      )}
      <Facts object={object} link={link} />
      {restricted?.readable ? <SellObject key={object.id} object={object} /> : null}
      <KeyAtRelay key={`key ${object.id}`} id={object.id} />
      {object.type === 'Dir' && entries === undefined ? <p>{words.object.noEntries}</p> : null}
      {entries === undefined ? null : <Entries entries={entries} link={link} />}
      <Json object={object} />
    </>
  )
}

/** What a link leads to: preview, trust, facts, the files of a folder. */
export function OpenedFile({ opened }: { readonly opened: OpenedLink }): JSX.Element {
  const { files } = useSession()
  const { link, object, failure } = opened
  const folder = folderOfLink(link)
  return (
    <div class="stack">
      <div class="buttons">
        <Button icon="close" onClick={() => files.close()}>
          {words.object.closeLink}
        </Button>
        {folder === undefined ? null : (
          <Button icon="folder" onClick={() => void files.open(folder)}>
            {words.object.back}
          </Button>
        )}
      </div>
      {failure === undefined ? null : (
        <ObjectFailure failure={failure} onRetry={() => void files.open(link)} />
      )}
      {object === undefined ? null : <Found object={object} link={wholeLink(link, object)} />}
      {object === undefined && failure === undefined ? (
        <Waiting what={words.link.opening} slow={words.link.openingSlow} />
      ) : null}
    </div>
  )
}
