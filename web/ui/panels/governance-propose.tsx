import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { GovernanceTerms, ProposedAction } from '#api/governance-types.ts'
import type { Failure } from '#api/types.ts'
import { DISTRICT_CATEGORIES } from '#core/districts.ts'
import { Button } from '../components/button.tsx'
import { CellFields } from '../components/cell-fields.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Section } from '../components/panel.tsx'
import { formatDuration } from '../format.ts'
import { governanceTexts } from '../governance-texts.ts'
import { EMPTY_DRAFT, type ProposalDraft, readDraft } from '../proposal-draft.ts'
import { useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'

const { propose: words, districts: districtWords } = governanceTexts

type Change = (change: Partial<ProposalDraft>) => void

interface PartProps {
  readonly draft: ProposalDraft
  readonly change: Change
}

function Labelled({
  text,
  children,
}: {
  readonly text: string
  readonly children: (id: string) => JSX.Element
}): JSX.Element {
  const id = useId()
  return (
    <div class="labelled">
      <label class="caption" for={id}>
        {text}
      </label>
      {children(id)}
    </div>
  )
}

/** A typed line of the draft. */
function Line({
  draft,
  change,
  name,
  text,
  placeholder = '',
}: PartProps & {
  readonly name: 'name' | 'inner' | 'outer' | 'corners' | 'to' | 'amount'
  readonly text: string
  readonly placeholder?: string
}): JSX.Element {
  return (
    <Labelled text={text}>
      {(id) => (
        <input
          id={id}
          type="text"
          class="field"
          autoComplete="off"
          spellcheck={false}
          placeholder={placeholder}
          value={draft[name]}
          onInput={(event) => change({ [name]: event.currentTarget.value })}
        />
      )}
    </Labelled>
  )
}

/** One of some words. */
function Choice<T extends string>({
  text,
  value,
  options,
  onChoose,
}: {
  readonly text: string
  readonly value: T
  readonly options: readonly (readonly [value: T, text: string])[]
  readonly onChoose: (value: T) => void
}): JSX.Element {
  return (
    <Labelled text={text}>
      {(id) => (
        <select
          id={id}
          class="field"
          value={value}
          onChange={(event) => onChoose(event.currentTarget.value as T)}
        >
          {options.map(([each, shown]) => (
            <option key={each} value={each}>
              {shown}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  )
}

/** Which district: a new one, where that may be. */
function DistrictChoice({ draft, change }: PartProps): JSX.Element {
  const { districts } = useSession().state.districts.value
  const next = Math.max(-1, ...districts.map(({ number }) => number)) + 1
  const known = districts.map(({ number, name }) => [String(number), words.anew(number, name)] as const)
  const options =
    draft.kind === 'set-district'
      ? [['', words.newDistrict(next)] as const, ...known]
      : [['', '—'] as const, ...known]
  return (
    <Choice
      text={words.district}
      value={draft.number}
      options={options}
      onChoose={(number) => change({ number })}
    />
  )
}

function DistrictShape({ draft, change }: PartProps): JSX.Element {
  return (
    <>
      <Line draft={draft} change={change} name="name" text={words.name} />
      <Choice
        text={words.category}
        value={draft.category}
        options={DISTRICT_CATEGORIES.map(
          (category) => [category, districtWords.categories[category]] as const,
        )}
        onChoose={(category) => change({ category })}
      />
      <Choice
        text={words.shape}
        value={draft.shape}
        options={[
          ['ring', words.shapes.ring],
          ['polygon', words.shapes.polygon],
        ]}
        onChoose={(shape) => change({ shape })}
      />
      {draft.shape === 'ring' ? (
        <div class="inline">
          <Line draft={draft} change={change} name="inner" text={words.inner} placeholder="100" />
          <Line draft={draft} change={change} name="outer" text={words.outer} placeholder="120" />
        </div>
      ) : (
        <>
          <Line draft={draft} change={change} name="corners" text={words.corners} />
          <p class="caption">{words.cornersHow}</p>
        </>
      )}
    </>
  )
}

function Particulars({ draft, change }: PartProps): JSX.Element {
  switch (draft.kind) {
    case 'warn':
    case 'evict':
      return (
        <div class="inline">
          <CellFields typed={draft} onType={change} />
        </div>
      )
    case 'set-district':
      return (
        <>
          <DistrictChoice draft={draft} change={change} />
          <DistrictShape draft={draft} change={change} />
        </>
      )
    case 'remove-district':
      return <DistrictChoice draft={draft} change={change} />
    case 'send-cybr':
    case 'send-coin':
      return (
        <>
          <Line draft={draft} change={change} name="to" text={words.to} placeholder="0x…" />
          <Line draft={draft} change={change} name="amount" text={words.amount} placeholder="12.5" />
        </>
      )
  }
}

/** What it takes to propose, and how long it goes on, as the endpoints tell. */
function Terms({
  kind,
  terms,
}: {
  readonly kind: ProposedAction['kind']
  readonly terms: GovernanceTerms
}): JSX.Element {
  const isLand = kind !== 'send-cybr' && kind !== 'send-coin'
  const { delayMs, periodMs, timelockMs, landThreshold, tokenThresholdWei, told } = terms
  return (
    <p class="caption">
      {[
        isLand ? words.takes('land', landThreshold) : words.takes('token', tokenThresholdWei),
        words.times(spanText(delayMs), spanText(periodMs), spanText(timelockMs)),
        governanceTexts.told(told),
      ].join(' ')}
    </p>
  )
}

const DAY_MS = 86_400_000

function spanText(ms: number): string {
  return ms < 2 * DAY_MS ? formatDuration(ms) : `${Math.round(ms / DAY_MS)} days`
}

const KINDS = Object.entries(words.kinds) as readonly (readonly [ProposedAction['kind'], string])[]

/** Proposes something; its dialog tells all of it before anything is signed. */
export function ProposeForm({ onProposed }: { readonly onProposed: () => void }): JSX.Element {
  const session = useSession()
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const [mistake, setMistake] = useState<string>()
  const [failure, setFailure] = useState<Failure>()
  const [read] = useChainRead(({ governance }) => governance.terms(), { refreshMs: Number.POSITIVE_INFINITY })
  const terms = read.kind === 'read' ? read.value : undefined
  const change: Change = (part) => setDraft({ ...draft, ...part })
  const propose = async (): Promise<void> => {
    setMistake(undefined)
    setFailure(undefined)
    const result = await readDraft(draft, await session.tabland, terms)
    if (result.kind === 'mistake') setMistake(result.text)
    else if (result.kind === 'failed') setFailure(result.failure)
    else {
      const newest = session.state.purse.peek().transactions[0]?.id
      setFailure(await startWrite(session, result.intent))
      // who left the dialog goes on writing
      if (session.state.purse.peek().transactions[0]?.id !== newest) onProposed()
    }
  }
  return (
    <Section title={governanceTexts.tabs.propose}>
      <form
        class="propose"
        onSubmit={(event) => {
          event.preventDefault()
          void propose()
        }}
      >
        <Choice
          text={words.what}
          value={draft.kind}
          options={KINDS}
          onChoose={(kind) => change({ kind, number: '' })}
        />
        <Particulars draft={draft} change={change} />
        <Labelled text={words.why}>
          {(id) => (
            <textarea
              id={id}
              class="field"
              rows={3}
              maxLength={2_000}
              value={draft.why}
              onInput={(event) => change({ why: event.currentTarget.value })}
            />
          )}
        </Labelled>
        <p class="caption">{words.whyHow}</p>
        {mistake === undefined ? null : (
          <p class="notice" role="alert">
            {mistake}
          </p>
        )}
        {failure === undefined ? null : <MoneyFailure failure={failure} />}
        <Button type="submit" kind="primary">
          {words.review}
        </Button>
      </form>
      {terms === undefined ? null : <Terms kind={draft.kind} terms={terms} />}
    </Section>
  )
}
