import type { JSX } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { Failure } from '#api/types.ts'
import { MAX_QUOTA_SHARE, type SeedSettings } from '#core/seeding.ts'
import { Button, IconButton } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { useNow } from '../components/now.ts'
import { Row, Section } from '../components/panel.tsx'
import { formatBytes, shorten } from '../format.ts'
import { diskLine, scrubLine } from '../seed-lines.ts'
import { type AmountRule, isWalletAddress, readAmount, showAmount } from '../seed-settings.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

const { settings: words, totals } = texts.seed

type AmountName = Exclude<keyof SeedSettings, 'friends'>

interface AmountField extends AmountRule {
  readonly name: AmountName
  readonly label: string
  readonly how: string
  readonly unit: string
}

const RATE = { scale: 1e6, optional: true, unit: words.units.rate } as const

const FIELDS: readonly AmountField[] = [
  { name: 'quotaBytes', scale: 1e9, unit: words.units.quota, label: words.quota, how: words.quotaHow },
  { name: 'uploadCap', ...RATE, label: words.uploadCap, how: words.uploadCapHow },
  { name: 'hiddenUploadCap', ...RATE, label: words.hiddenUploadCap, how: words.hiddenUploadCapHow },
  { name: 'downloadCap', ...RATE, label: words.downloadCap, how: words.downloadCapHow },
  {
    name: 'wantedCopies',
    scale: 1,
    whole: true,
    unit: words.units.devices,
    label: words.wantedCopies,
    how: words.wantedCopiesHow,
  },
  {
    name: 'keepForOthersBytes',
    scale: 1e6,
    unit: words.units.room,
    label: words.keepForOthers,
    how: words.keepForOthersHow,
  },
]

/** One amount: saved when one leaves the field or presses Enter; what is wrong stands below it. */
function Amount({
  field,
  value,
  most,
}: {
  readonly field: AmountField
  readonly value: number | undefined
  readonly most?: string | undefined
}): JSX.Element {
  const { seed } = useSession()
  const id = useId()
  // undefined: the field shows what is saved
  const [typed, setTyped] = useState<string>()
  const [mistake, setMistake] = useState<string>()
  const [failure, setFailure] = useState<Failure>()
  const [saved, setSaved] = useState(false)
  const save = async (text: string): Promise<void> => {
    const amount = readAmount(text, field)
    setSaved(false)
    setFailure(undefined)
    setMistake(typeof amount === 'string' ? words.mistakes[amount] : undefined)
    if (typeof amount === 'string') return
    const failed = await seed.set({ [field.name]: amount })
    setFailure(failed)
    if (failed !== undefined) return
    setTyped(undefined)
    setSaved(true)
  }
  const wrong = mistake !== undefined || failure !== undefined
  return (
    <div class="setting">
      <label for={id}>{field.label}</label>
      <input
        id={id}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        class="field field-number"
        placeholder={field.optional === true ? words.noCap : ''}
        aria-invalid={wrong}
        aria-describedby={`${id}-how`}
        value={typed ?? showAmount(value, field)}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => void save(event.currentTarget.value)}
      />
      <span class="unit">{field.unit}</span>
      {mistake === undefined ? null : (
        <p class="mistake" role="alert">
          {mistake}
        </p>
      )}
      {failure === undefined ? null : <FailureNote failure={failure} />}
      <p class="caption" id={`${id}-how`}>
        {most === undefined ? field.how : `${field.how} ${most}`}
        {saved ? <span role="status">{` ${words.saved}.`}</span> : null}
      </p>
    </div>
  )
}

function Friends({ friends }: { readonly friends: readonly string[] }): JSX.Element {
  const { seed } = useSession()
  const [address, setAddress] = useState('')
  const [mistake, setMistake] = useState<string>()
  const [failure, setFailure] = useState<Failure>()
  const save = async (next: readonly string[]): Promise<boolean> => {
    const failed = await seed.set({ friends: next })
    setFailure(failed)
    return failed === undefined
  }
  const add = async (): Promise<void> => {
    const text = address.trim()
    const isKnown = friends.some((friend) => friend.toLowerCase() === text.toLowerCase())
    const wrong = isKnown ? words.friendKnown : isWalletAddress(text) ? undefined : words.friendInvalid
    setMistake(wrong)
    if (wrong === undefined && (await save([...friends, text]))) setAddress('')
  }
  return (
    <Section title={words.friends}>
      <p class="caption">{words.friendsHow}</p>
      {friends.length === 0 ? <p>{words.noFriends}</p> : null}
      <ul class="list">
        {friends.map((friend) => (
          <li key={friend} class="list-row">
            <span class="list-text">
              <Copyable value={friend} what={words.friendAddress} />
            </span>
            <IconButton
              icon="close"
              label={words.removeFriend(shorten(friend))}
              onClick={() => void save(friends.filter((other) => other !== friend))}
            />
          </li>
        ))}
      </ul>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <input
          type="text"
          class="field"
          autoComplete="off"
          spellcheck={false}
          aria-label={words.friend}
          placeholder={words.friendPlaceholder}
          aria-invalid={mistake !== undefined}
          value={address}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
        <Button type="submit" disabled={address.trim() === ''}>
          {words.addFriend}
        </Button>
      </form>
      {mistake === undefined ? null : (
        <p class="mistake" role="alert">
          {mistake}
        </p>
      )}
      {failure === undefined ? null : <FailureNote failure={failure} />}
    </Section>
  )
}

function Browser(): JSX.Element {
  const { seed, state } = useSession()
  const { grantedBytes, persisted, scrub } = state.seed.value
  const now = useNow()
  const [answer, setAnswer] = useState<boolean | Failure>()
  const refused = answer === false && !persisted
  return (
    <Section title={totals.browser}>
      <dl class="rows">
        {grantedBytes === undefined ? null : <Row name={totals.granted}>{formatBytes(grantedBytes)}</Row>}
        <Row name={totals.disk}>{diskLine(state.seed.value)}</Row>
        <Row name={totals.scrub}>{scrubLine(scrub, now)}</Row>
        <Row name={totals.persisted}>{persisted ? totals.isPersisted : totals.notPersisted}</Row>
      </dl>
      {persisted ? null : (
        <Button icon="storage" onClick={() => void seed.persist().then(setAnswer)}>
          {totals.persist}
        </Button>
      )}
      {refused ? (
        <p class="notice" role="status">
          {totals.refused}
        </p>
      ) : null}
      {typeof answer === 'object' ? <FailureNote failure={answer} /> : null}
    </Section>
  )
}

/** How much is kept, how fast it moves and for whom: each field is saved by itself. */
export function SeedSettingsForm(): JSX.Element {
  const { settings, grantedBytes } = useSession().state.seed.value
  const quotaMost =
    grantedBytes === undefined
      ? undefined
      : words.quotaMost(formatBytes(grantedBytes * MAX_QUOTA_SHARE, 'down'))
  return (
    <>
      {FIELDS.map((field) => (
        <Amount
          key={field.name}
          field={field}
          value={settings[field.name]}
          {...(field.name === 'quotaBytes' ? { most: quotaMost } : {})}
        />
      ))}
      <Friends friends={settings.friends} />
      <Browser />
    </>
  )
}
