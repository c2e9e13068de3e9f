import type { JSX } from 'preact'
import { type ChainLine, chainLines } from '../chain-lines.ts'
import { chainTexts } from '../chain-texts.ts'
import { Button } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { useNow } from '../components/now.ts'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { useSession } from '../session.ts'

function Line({ line: { kind, text, detail } }: { readonly line: ChainLine }): JSX.Element {
  return (
    <div class="chain-line">
      {kind === 'good' ? (
        <p class="verified-at">
          <Icon name="verified" size={16} />
          <span>{text}</span>
        </p>
      ) : (
        <p class={kind === 'bad' ? 'notice' : 'caption'}>{text}</p>
      )}
      {detail === undefined ? null : <p class="caption">{detail}</p>}
    </div>
  )
}

/** Where the chain stands, who vouches for it and who lied ([CH13] to [CH15]); nothing where none is configured. */
export function ChainSection(): JSX.Element | null {
  const session = useSession()
  const now = useNow()
  const state = session.state.chain.value
  if (state.kind === 'absent') return null
  const lines = chainLines(state, now)
  const look = async (): Promise<void> => {
    await (await session.tabland).land.refresh()
  }
  return (
    <Section title={chainTexts.title}>
      <div class="stack">
        {state.changed === undefined ? null : <MoneyFailure failure={state.changed} />}
        {lines.length === 0 ? <Waiting what={chainTexts.reading} slow={chainTexts.readingSlow} /> : null}
        {lines.map((line) => (
          <Line key={line.text} line={line} />
        ))}
        {lines.some(({ kind }) => kind === 'bad') ? (
          <Button icon="retry" onClick={() => void look()}>
            {chainTexts.look}
          </Button>
        ) : null}
      </div>
    </Section>
  )
}
