import type { JSX } from 'preact'
import { type District, RESTRICTED_CATEGORIES } from '#core/districts.ts'
import { Icon } from '../components/icon.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { governanceTexts } from '../governance-texts.ts'
import { useSession } from '../session.ts'

const { districts: words } = governanceTexts

/** What a visitor wants to see beside general land, in this browser. */
function Switches(): JSX.Element {
  const session = useSession()
  const { shown } = session.state.districts.value
  return (
    <div class="stack">
      <p class="caption">{words.how}</p>
      {RESTRICTED_CATEGORIES.map((category) => (
        <label key={category} class="inline">
          <input
            type="checkbox"
            checked={shown.includes(category)}
            onChange={(event) => {
              const isShown = event.currentTarget.checked
              session.tabland.then(
                ({ governance }) => governance.showDistricts(category, isShown),
                () => undefined, // without a peer nothing is shown
              )
            }}
          />
          <span>{words.show[category]}</span>
        </label>
      ))}
    </div>
  )
}

function Line({ district }: { readonly district: District }): JSX.Element {
  const { number, name } = district
  return (
    <li class="list-row">
      <span class="list-text">
        <span>{name === '' ? words.unnamed(number) : words.named(number, name)}</span>
        <span class="caption">{words.line(district)}</span>
      </span>
    </li>
  )
}

/** Parts of the land with a category, all of them proved, and the switches for restricted ones. */
export function DistrictList(): JSX.Element {
  const { kind, districts, block = 0, failure } = useSession().state.districts.value
  return (
    <Section title={governanceTexts.tabs.districts}>
      <Switches />
      {kind === 'reading' ? (
        <Waiting what={governanceTexts.reading} slow={governanceTexts.readingSlow} />
      ) : kind === 'unknown' || kind === 'absent' ? (
        <p class="notice">{words.unknown}</p>
      ) : (
        <>
          {districts.length === 0 ? <p>{words.none}</p> : null}
          <ul class="list">
            {districts.map((district) => (
              <Line key={district.number} district={district} />
            ))}
          </ul>
          {districts.length < 2 ? null : <p class="caption">{words.order}</p>}
          {kind === 'proven' ? (
            <p class="verified-at">
              <Icon name="verified" size={16} />
              <span>{words.proved(block)}</span>
            </p>
          ) : (
            <p class="caption">{words.kept}</p>
          )}
        </>
      )}
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
    </Section>
  )
}
