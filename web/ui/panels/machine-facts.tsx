import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { BlockFacts, BlockForkFacts } from '#api/machine-types.ts'
import type { Failure } from '#api/types.ts'
import { Copyable } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { useNow } from '../components/now.ts'
import { Row, Section } from '../components/panel.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { formatAgo } from '../format.ts'
import { proofTexts } from '../proof-texts.ts'
import { useSession } from '../session.ts'

const { machine: texts } = proofTexts
/** Blocks of 2 s come faster than anybody reads. */
const ASK_EVERY_MS = 10_000

/** Asks for the newest block while the panel is open; what came of it is in the state. */
function useNewestBlock(isNamed: boolean): Failure | undefined {
  const session = useSession()
  const [failure, setFailure] = useState<Failure>()
  useEffect(() => {
    if (!isNamed) return
    const stopping = new AbortController()
    const { signal } = stopping
    const ask = async (): Promise<void> => {
      try {
        await (await session.tabland).rank.machine({ signal })
        if (!signal.aborted) setFailure(undefined)
      } catch (error) {
        if (!signal.aborted && !isAbort(error)) setFailure(failureOf(error))
      }
    }
    void ask()
    const timer = setInterval(() => void ask(), ASK_EVERY_MS)
    return () => {
      clearInterval(timer)
      stopping.abort()
    }
  }, [session, isNamed])
  return failure
}

/** The ordered machine: height, period, root and orderer of its newest block, and two blocks of one height. */
export function MachineSection(): JSX.Element | null {
  const { isNamed, machine, other, block, forks, failure } = useSession().state.machine.value
  const asked = useNewestBlock(isNamed)
  if (!isNamed) return null
  const problem = failure ?? asked
  return (
    <>
      <dl class="rows">
        <Row name={texts.rows.height}>
          {block !== undefined ? (
            <BlockTime block={block} />
          ) : machine === undefined ? (
            texts.none
          ) : (
            texts.asking
          )}
        </Row>
        {machine === undefined ? null : (
          <Row name={texts.rows.period}>{texts.period(machine.rankPeriod, block?.rankedAt ?? 0)}</Row>
        )}
        {block === undefined ? null : (
          <Row name={texts.rows.root}>
            <Copyable value={block.rankRoot} what={texts.rows.root} />
          </Row>
        )}
        {(block === undefined ? (machine?.orderers ?? []) : [block.orderer]).map((orderer) => (
          <Row key={orderer} name={texts.rows.orderer}>
            <Copyable value={orderer} what={texts.rows.orderer} />
          </Row>
        ))}
        {machine === undefined ? null : (
          <Row name={texts.rows.machine}>
            <Copyable value={machine.id} what={texts.rows.machine} />
          </Row>
        )}
        {other === undefined ? null : (
          <Row name={texts.rows.other}>
            <Copyable value={other.id} what={texts.rows.other} />
            <p class="proof-other">{proofTexts.other}</p>
            <p class="proof-other">{texts.otherHow(other.id)}</p>
          </Row>
        )}
      </dl>
      {problem === undefined ? null : <FailureNote failure={problem} />}
      <Forks forks={forks} />
      <p class="caption">{texts.own}</p>
    </>
  )
}

function BlockTime({ block: { height, time } }: { readonly block: BlockFacts }): JSX.Element {
  const now = useNow()
  return <>{proofTexts.blockAt(height, formatAgo(time, now))}</>
}

/** What is shown of a block that stands as evidence. */
const SIGNED_PARTS: readonly (readonly [what: string, partOf: (block: BlockFacts) => string])[] = [
  [texts.hash, ({ hash }) => hash],
  [texts.rows.orderer, ({ orderer }) => orderer],
  [texts.signed, ({ signed }) => signed],
]

/** An orderer's fault that everybody can check: both blocks, as they were signed. */
function Forks({ forks }: { readonly forks: readonly BlockForkFacts[] }): JSX.Element | null {
  if (forks.length === 0) return null
  return (
    <Section title={texts.forks}>
      <p class="proof-refused">{texts.forksHow}</p>
      {forks.map(({ height, blocks }) => (
        <div key={blocks[1].hash}>
          <p>{proofTexts.forked(height)}</p>
          <dl class="rows">
            {blocks.map((block, at) => (
              <Row key={block.hash} name={at === 0 ? texts.first : texts.second}>
                <BlockTime block={block} />
                {SIGNED_PARTS.map(([what, partOf]) => (
                  <div key={what}>
                    <span class="caption">{`${what} `}</span>
                    <Copyable value={partOf(block)} what={what} />
                  </div>
                ))}
              </Row>
            ))}
          </dl>
        </div>
      ))}
    </Section>
  )
}
