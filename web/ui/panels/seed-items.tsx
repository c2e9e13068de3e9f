import type { JSX } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import type { SeedAdding } from '#api/seed-types.ts'
import { Button, IconButton } from '../components/button.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { Icon, type IconName } from '../components/icon.tsx'
import { Section } from '../components/panel.tsx'
import { PinHintText } from '../components/pin-hint-text.tsx'
import { Bar } from '../components/waiting.tsx'
import { formatBytes, formatDuration, shorten } from '../format.ts'
import type { SeedJob } from '../seed-jobs.ts'
import { formatRate, itemFacts, transferLine } from '../seed-lines.ts'
import { heldShare, isWhole, SEED_FILTERS, SEED_SORTS, type SeedSort } from '../seed-list.ts'
import { type ListedItem, PAGE_ITEMS } from '../seed-store.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { SeedItemDetails } from './seed-item-details.tsx'

function AddFiles(): JSX.Element {
  const { seed } = useSession()
  const input = useRef<HTMLInputElement>(null)
  return (
    <div class="inline">
      <input
        ref={input}
        type="file"
        multiple
        class="visually-hidden"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])]
          event.currentTarget.value = ''
          seed.jobs.addFiles(files)
        }}
      />
      <Button kind="primary" icon="upload" onClick={() => input.current?.click()}>
        {texts.seed.add.file}
      </Button>
      <p class="caption">{texts.seed.add.drop}</p>
    </div>
  )
}

function PinCid(): JSX.Element {
  const { seed } = useSession()
  const [cid, setCid] = useState('')
  const typed = cid.trim()
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault()
        if (typed === '') return
        seed.jobs.pinCid(typed)
        setCid('')
      }}
    >
      <input
        type="text"
        class="field"
        autoComplete="off"
        spellcheck={false}
        aria-label={texts.seed.add.cid}
        placeholder={texts.seed.add.cidPlaceholder}
        value={cid}
        onInput={(event) => setCid(event.currentTarget.value)}
      />
      <Button type="submit" icon="pin" disabled={typed === ''}>
        {texts.seed.add.pin}
      </Button>
    </form>
  )
}

/** How far a job is, in words. */
export function jobLine({ kind, status, bytes, total, bytesPerSecond }: SeedJob): string {
  const { add } = texts.seed
  if (status === 'waiting') return add.waiting
  const done = formatBytes(bytes)
  const parts: string[] = []
  if (kind === 'add') parts.push(add.storing(done, formatBytes(total ?? bytes)))
  else parts.push(total === undefined ? add.fetching(done) : add.fetchingOf(done, formatBytes(total)))
  if (bytesPerSecond !== undefined && bytesPerSecond > 0) {
    parts.push(formatRate(bytesPerSecond))
    if (total !== undefined) parts.push(add.left(formatDuration(((total - bytes) / bytesPerSecond) * 1000)))
  }
  return parts.join(' · ')
}

function Job({ job }: { readonly job: SeedJob }): JSX.Element {
  const { seed } = useSession()
  const name = job.kind === 'pin' ? shorten(job.name) : job.name
  const share = job.total === undefined || job.total === 0 ? {} : { value: job.bytes / job.total }
  return (
    <li class="seed-job">
      <span class="seed-name" title={job.name}>
        {name}
      </span>
      <IconButton icon="close" label={texts.seed.add.stop(name)} onClick={() => seed.jobs.cancel(job.id)} />
      {job.failure === undefined ? (
        <>
          {job.status === 'running' ? <Bar label={name} {...share} /> : null}
          <span class="caption">{jobLine(job)}</span>
        </>
      ) : (
        <>
          <FailureNote failure={job.failure} onRetry={() => seed.jobs.retry(job.id)} />
          <span class="caption">{texts.seed.add.resumes}</span>
        </>
      )}
    </li>
  )
}

/** A file that another tab adds, or whose adding broke off: the same file, added again, goes on from there. */
function Adding({ half: { id, name, transfer } }: { readonly half: SeedAdding }): JSX.Element {
  const { seed } = useSession()
  const shown = name ?? texts.seed.add.unnamed
  const working = seed.working.value.get(id)
  return (
    <li class="seed-job">
      <span class="seed-name">{shown}</span>
      {transfer.failure === undefined ? (
        <span class="caption">{transferLine({ heldBytes: 0 }, transfer)}</span>
      ) : (
        <>
          <Button kind="quiet" onClick={() => void seed.command(id, 'drop')}>
            {texts.seed.add.giveUp}
          </Button>
          <span class="caption">{texts.seed.add.brokenOff(formatBytes(transfer.bytes))}</span>
        </>
      )}
      {working?.failure === undefined ? null : <FailureNote failure={working.failure} />}
    </li>
  )
}

function Jobs(): JSX.Element | null {
  const { seed } = useSession()
  const jobs = seed.shownJobs.value
  const adding = seed.adding.value
  if (jobs.length + adding.length === 0) return null
  return (
    <ul class="list">
      {jobs.map((job) => (
        <Job key={job.id} job={job} />
      ))}
      {adding.map((half) => (
        <Adding key={half.id} half={half} />
      ))}
    </ul>
  )
}

function Tools(): JSX.Element {
  const { seed } = useSession()
  const { filter, sort, ascending } = seed.order.value
  const { list } = texts.seed
  return (
    <div class="seed-tools">
      <fieldset class="choices">
        <legend class="visually-hidden">{list.filter}</legend>
        {SEED_FILTERS.map((name) => (
          <label key={name} class="choice">
            <input
              type="radio"
              name="seed-filter"
              value={name}
              checked={filter === name}
              onChange={() => seed.arrange({ filter: name })}
            />
            <span>{list.filters[name]}</span>
          </label>
        ))}
      </fieldset>
      <label class="labelled">
        <span class="caption">{list.sort}</span>
        <select
          class="field field-select"
          value={sort}
          onChange={(event) => seed.arrange({ sort: event.currentTarget.value as SeedSort })}
        >
          {SEED_SORTS.map((name) => (
            <option key={name} value={name}>
              {list.sorts[name]}
            </option>
          ))}
        </select>
      </label>
      <Button icon={ascending ? 'up' : 'down'} onClick={() => seed.arrange({ ascending: !ascending })}>
        {list.directions[sort][ascending ? 0 : 1]}
      </Button>
    </div>
  )
}

const PICTURES = /\.(?:png|jpe?g|gif|webp|svg|avif)$/i
const MODELS = /\.(?:glb|gltf)$/i
const WORDS = /\.(?:txt|md|html?|json|csv)$/i

/** What an item is, as far as its name tells: looking inside would cost a read for each row. */
function iconOf({ item: { name = '' }, build }: ListedItem): IconName {
  if (build !== undefined || MODELS.test(name)) return 'model'
  if (PICTURES.test(name)) return 'image'
  return WORDS.test(name) ? 'text' : 'file'
}

function Traffic({ icon, what, bytes }: TrafficProps): JSX.Element {
  return (
    <span>
      <Icon name={icon} size={12} />
      <span class="visually-hidden">{what}</span>
      <span>{formatBytes(bytes)}</span>
    </span>
  )
}

interface TrafficProps {
  readonly icon: IconName
  readonly what: string
  readonly bytes: number
}

function Item({ listed }: { readonly listed: ListedItem }): JSX.Element {
  const session = useSession()
  const id = useId()
  const { item, name } = listed
  const { transfer } = item
  const open = session.seed.opened.value === item.cid
  const { wantedCopies } = session.state.seed.value.settings
  return (
    <li class="seed-item">
      <button
        type="button"
        class="seed-row"
        aria-expanded={open}
        aria-controls={id}
        title={item.cid}
        onClick={() => session.seed.toggle(item.cid)}
      >
        <Icon name={iconOf(listed)} />
        <span class="seed-main">
          <span class="seed-name">{name}</span>
          <span class="caption">{itemFacts(item, wantedCopies)}</span>
          <span class={isWhole(item) ? 'seed-held seed-held-whole' : 'seed-held'}>
            <span style={{ width: `${heldShare(item) * 100}%` }} />
          </span>
          {transfer === undefined ? null : <span class="caption">{transferLine(item, transfer)}</span>}
        </span>
        <span class="seed-traffic caption">
          <Traffic icon="up" what={texts.seed.item.sent} bytes={item.sentBytes} />
          <Traffic icon="down" what={texts.seed.item.received} bytes={item.receivedBytes} />
        </span>
      </button>
      <div id={id} hidden={!open}>
        {open ? <SeedItemDetails listed={listed} /> : null}
      </div>
    </li>
  )
}

/** The list with its tools, and how to put more on it. */
export function SeedItems(): JSX.Element {
  const { seed } = useSession()
  const listed = seed.listed.value
  const hidden = seed.hidden.value
  return (
    <>
      <AddFiles />
      <PinCid />
      <Jobs />
      <Tools />
      {listed.length === 0 ? <p>{texts.seed.list.empty[seed.order.value.filter]}</p> : null}
      <ul class="seed-list">
        {listed.map((entry) => (
          <Item key={entry.item.cid} listed={entry} />
        ))}
      </ul>
      {hidden === 0 ? null : (
        <Button onClick={seed.more}>{texts.seed.list.more(Math.min(hidden, PAGE_ITEMS))}</Button>
      )}
      <Section title={texts.seed.hint.title}>
        <PinHintText />
      </Section>
    </>
  )
}
