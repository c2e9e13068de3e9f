import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { SeedState } from '#api/seed-types.ts'
import type { Failure } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { Panel } from '../components/panel.tsx'
import { describeFailure } from '../failure.ts'
import { formatBytes } from '../format.ts'
import { servingLine, servingMood } from '../seed-lines.ts'
import { roomierQuota } from '../seed-settings.ts'
import type { SeedView } from '../seed-store.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { SeedItems } from './seed-items.tsx'
import { SeedSettingsForm } from './seed-settings-form.tsx'
import { SeedTraffic } from './seed-traffic.tsx'

const VIEWS: readonly SeedView[] = ['items', 'traffic', 'settings']

/** The buttons that put right what a notice tells of. */
function PinsExceedQuota({ notice }: { readonly notice: Failure }): JSX.Element {
  const session = useSession()
  const [failure, setFailure] = useState<Failure>()
  const { pinnedBytes, grantedBytes } = session.state.seed.value
  const quota = roomierQuota(pinnedBytes, grantedBytes)
  const raise = async (quotaBytes: number): Promise<void> => {
    const failed = await session.seed.set({ quotaBytes })
    setFailure(failed)
    if (failed === undefined) session.seed.dismiss(notice)
  }
  return (
    <>
      <div class="buttons">
        {quota === undefined ? null : (
          <Button kind="primary" onClick={() => void raise(quota)}>
            {texts.seed.notices.raise(formatBytes(quota))}
          </Button>
        )}
        <Button
          onClick={() => {
            session.seed.show('items')
            session.seed.arrange({ filter: 'mine', sort: 'size', ascending: false })
          }}
        >
          {texts.seed.notices.letGo}
        </Button>
      </div>
      {failure === undefined ? null : <FailureNote failure={failure} />}
    </>
  )
}

function Notice({ notice }: { readonly notice: Failure }): JSX.Element {
  const session = useSession()
  const { says, detail } = describeFailure(notice)
  return (
    <div class="seed-notice" role="status">
      <p>{says}</p>
      {detail === undefined ? null : <p class="caption">{detail}</p>}
      {notice.code === 'SEED_PINS_EXCEED_QUOTA' ? <PinsExceedQuota notice={notice} /> : null}
      <Button kind="quiet" onClick={() => session.seed.dismiss(notice)}>
        {texts.seed.notices.dismiss}
      </Button>
    </div>
  )
}

function Totals({ seed }: { readonly seed: SeedState }): JSX.Element {
  const { pinnedBytes, cachedBytes, quotaBytes, texts: linked } = seed
  const whole = Math.max(quotaBytes, pinnedBytes + cachedBytes, 1)
  const words = texts.seed.totals
  const parts = [
    `${words.pinned} ${formatBytes(pinnedBytes)}`,
    `${words.cached} ${formatBytes(cachedBytes)}`,
    `${words.quota} ${formatBytes(quotaBytes)}`,
  ] as const
  return (
    <div class="seed-totals">
      <div class="meter" role="img" aria-label={parts.join(', ')}>
        <div class="meter-pinned" style={{ width: `${(pinnedBytes / whole) * 100}%` }} />
        <div class="meter-cached" style={{ width: `${(cachedBytes / whole) * 100}%` }} />
      </div>
      <p class="caption legend">
        <span>
          <span class="swatch swatch-pinned" />
          {parts[0]}
        </span>
        <span>
          <span class="swatch swatch-cached" />
          {parts[1]}
        </span>
        <span>{parts[2]}</span>
        {linked.count === 0 ? null : <span>{words.texts(linked.count, formatBytes(linked.bytes))}</span>}
      </p>
    </div>
  )
}

function Views(): JSX.Element {
  const { seed } = useSession()
  return (
    <fieldset class="choices">
      <legend class="visually-hidden">{texts.seed.title}</legend>
      {VIEWS.map((view) => (
        <label key={view} class="choice">
          <input
            type="radio"
            name="seed-view"
            value={view}
            checked={seed.view.value === view}
            onChange={() => seed.show(view)}
          />
          <span>{texts.seed.views[view]}</span>
        </label>
      ))}
    </fieldset>
  )
}

function View({ view }: { readonly view: SeedView }): JSX.Element {
  switch (view) {
    case 'items':
      return <SeedItems />
    case 'traffic':
      return <SeedTraffic />
    case 'settings':
      return <SeedSettingsForm />
  }
}

/** What this profile keeps and serves: items, a week's traffic, settings. */
export function SeedPanel(): JSX.Element {
  const session = useSession()
  const seed = session.state.seed.value
  const line = (
    <span class="subtitle-dot">
      <span class={`dot dot-${servingMood(seed.serving)}`} />
      <span>{servingLine(seed.serving)}</span>
    </span>
  )
  return (
    <Panel place="panel" wide title={texts.seed.title} subtitle={line} onClose={session.closePanel}>
      {session.seed.notices.value.map((notice) => (
        <Notice key={`${notice.code} ${notice.message}`} notice={notice} />
      ))}
      <Totals seed={seed} />
      <Views />
      <View view={session.seed.view.value} />
    </Panel>
  )
}
