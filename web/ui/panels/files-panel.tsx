import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { PublishedItem, Publishing } from '#api/object-types.ts'
import { chosenFiles } from '../chosen-files.ts'
import { Button, IconButton } from '../components/button.tsx'
import { Copyable, copyText } from '../components/copy.tsx'
import { Icon } from '../components/icon.tsx'
import { useNow } from '../components/now.ts'
import { ObjectFailure } from '../components/object-failure.tsx'
import { Panel, Row, Section } from '../components/panel.tsx'
import { Bar } from '../components/waiting.tsx'
import { publishedFacts } from '../files-lines.ts'
import { filesTexts as words } from '../files-texts.ts'
import { formatBytes } from '../format.ts'
import { copiesLine } from '../seed-lines.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { KeyAtRelay } from './key-at-relay.tsx'
import { OpenedFile } from './opened-file.tsx'

/** A file chooser behind a button. */
function Choose({ folder, children }: { readonly folder: boolean; readonly children: string }): JSX.Element {
  const { files } = useSession()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // no attribute of the types that JSX knows
    if (input.current !== null) input.current.webkitdirectory = folder
  }, [folder])
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        class="visually-hidden"
        tabIndex={-1}
        aria-hidden="true"
        data-folder={folder}
        onChange={(event) => {
          const chosen = [...(event.currentTarget.files ?? [])]
          event.currentTarget.value = ''
          void files.publish(chosenFiles(chosen))
        }}
      />
      <Button
        kind={folder ? 'plain' : 'primary'}
        icon={folder ? 'folder' : 'upload'}
        onClick={() => input.current?.click()}
      >
        {children}
      </Button>
    </>
  )
}

/** Buttons to publish, for everybody or for some. */
function Publish(): JSX.Element {
  const { files } = useSession()
  return (
    <>
      <div class="inline">
        <Choose folder={false}>{words.publish.files}</Choose>
        <Choose folder={true}>{words.publish.folder}</Choose>
      </div>
      <p class="caption">
        {words.publish.drop}{' '}
        {files.readers.value.trim() === '' ? words.publish.forAll : words.publish.forSome}
      </p>
      <details open={files.readers.peek() !== ''}>
        <summary>{words.publish.some}</summary>
        <input
          type="text"
          class="field"
          autoComplete="off"
          spellcheck={false}
          aria-label={words.publish.readers}
          placeholder={words.publish.readersPlaceholder}
          value={files.readers.value}
          onInput={(event) => files.setReaders(event.currentTarget.value)}
        />
        <p class="caption">{words.publish.readersHow}</p>
      </details>
    </>
  )
}

function OnItsWay({ publishing }: { readonly publishing: Publishing }): JSX.Element {
  const { files } = useSession()
  const { name, progress, failure } = publishing
  const { bytes, total, files: done, totalFiles } = progress
  const parts = [words.publish.progress(formatBytes(bytes), formatBytes(total))]
  if (totalFiles > 1) parts.push(words.publish.progressFiles(done, totalFiles))
  return (
    <li class="seed-job">
      <span class="seed-name" title={name}>
        {name}
      </span>
      {failure === undefined ? (
        <>
          <IconButton icon="close" label={words.publish.stop(name)} onClick={() => files.cancel(name)} />
          <Bar label={name} value={total === 0 ? 1 : bytes / total} />
          <span class="caption">{parts.join(' · ')}</span>
        </>
      ) : (
        <>
          <ObjectFailure failure={failure} onRetry={() => files.retry(name)} />
          <span class="caption">{words.publish.resumes}</span>
        </>
      )}
    </li>
  )
}

/** What is being published, here or in a page before this one. */
function Publishings(): JSX.Element | null {
  const { state, files } = useSession()
  const { publishing } = state.files.value
  const refused = files.refused.value
  const names = new Set(publishing.map(({ name }) => name))
  const broken = state.seed.value.adding.filter(
    ({ name, transfer }) => transfer.failure !== undefined && name !== undefined && !names.has(name),
  )
  if (publishing.length + broken.length === 0 && refused === undefined) return null
  return (
    <ul class="list">
      {publishing.map((each) => (
        <OnItsWay key={each.name} publishing={each} />
      ))}
      {broken.map(({ id, name = '', transfer }) => (
        <li key={id} class="caption">
          {words.publish.brokenOff(name, formatBytes(transfer.bytes))}
        </li>
      ))}
      {refused === undefined ? null : (
        <li>
          <ObjectFailure failure={refused} />
        </li>
      )}
    </ul>
  )
}

function OpenLink(): JSX.Element {
  const { files } = useSession()
  const [text, setText] = useState('')
  const typed = text.trim()
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault()
        if (typed === '') return
        void files.open(typed)
        setText('')
      }}
    >
      <input
        type="text"
        class="field"
        autoComplete="off"
        spellcheck={false}
        aria-label={words.link.label}
        placeholder={words.link.placeholder}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" icon="arrow" disabled={typed === ''}>
        {words.link.open}
      </Button>
    </form>
  )
}

function Commands({ item }: { readonly item: PublishedItem }): JSX.Element {
  const session = useSession()
  const [asked, setAsked] = useState(false)
  const copy = async (text: string, done: string): Promise<void> => {
    if (await copyText(session, text)) session.toasts.show('done', done)
  }
  if (asked) {
    return (
      <div class="seed-notice" role="alert">
        <p>{words.mine.confirm}</p>
        <div class="buttons">
          <Button kind="danger" onClick={() => void session.files.unpublish(item.id)}>
            {words.mine.confirmYes}
          </Button>
          <Button onClick={() => setAsked(false)}>{texts.common.cancel}</Button>
        </div>
      </div>
    )
  }
  return (
    <div class="buttons">
      <Button icon="arrow" onClick={() => void session.files.open(item.link)}>
        {words.mine.open}
      </Button>
      <Button icon="link" onClick={() => void copy(item.link, words.mine.linkCopied)}>
        {words.mine.copyLink}
      </Button>
      <Button
        icon="copy"
        onClick={() => void copy(session.navigation.linkToObject(item.link), words.mine.pageCopied)}
      >
        {words.mine.copyPage}
      </Button>
      <Button kind="danger" icon="remove" onClick={() => setAsked(true)}>
        {words.mine.unpublish}
      </Button>
    </div>
  )
}

function Details({ item }: { readonly item: PublishedItem }): JSX.Element {
  const { state, files } = useSession()
  const now = useNow()
  const { items, settings } = state.seed.value
  const kept = items.find(({ cid }) => cid === item.root)
  const failure = files.failures.value.get(item.id)
  return (
    <div class="seed-details">
      <dl class="rows">
        <Row name={words.mine.id}>
          <Copyable value={item.id} what={words.mine.id} />
        </Row>
        <Row name={words.mine.link}>
          <Copyable value={item.link} what={words.mine.link} />
        </Row>
        {kept === undefined ? null : (
          <Row name={words.object.copies}>{copiesLine(kept, settings.wantedCopies, now)}</Row>
        )}
      </dl>
      <KeyAtRelay id={item.id} />
      <Commands item={item} />
      {failure === undefined ? null : (
        <ObjectFailure failure={failure} onRetry={() => void files.unpublish(item.id)} />
      )}
    </div>
  )
}

function Published({ item }: { readonly item: PublishedItem }): JSX.Element {
  const { state } = useSession()
  const [open, setOpen] = useState(false)
  return (
    <li class="seed-item">
      <button type="button" class="seed-row" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={item.kind === 'dir' ? 'folder' : 'file'} />
        <span class="seed-main">
          <span class="seed-name">{item.name}</span>
          <span class="caption">{publishedFacts(item, state.seed.value)}</span>
        </span>
      </button>
      {open ? <Details item={item} /> : null}
    </li>
  )
}

function Mine(): JSX.Element {
  const { published } = useSession().state.files.value
  return (
    <Section title={words.mine.title}>
      {published.length === 0 ? <p>{words.mine.empty}</p> : null}
      <ul class="seed-list">
        {published.map((item) => (
          <Published key={item.id} item={item} />
        ))}
      </ul>
    </Section>
  )
}

/** Publishing, what is published, and what a link leads to. */
export function FilesPanel(): JSX.Element {
  const session = useSession()
  const opened = session.files.opened.value
  return (
    <Panel place="panel" wide title={words.title} subtitle={words.subtitle} onClose={session.closePanel}>
      <OpenLink />
      {opened === undefined ? (
        <>
          <Publish />
          <Publishings />
          <Mine />
        </>
      ) : (
        <OpenedFile key={opened.link} opened={opened} />
      )}
    </Panel>
  )
}
