import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { BandwidthFacts } from '#api/machine-types.ts'
import { shorten } from '../format.ts'
import { proofTexts } from '../proof-texts.ts'
import { useSession } from '../session.ts'

const { bandwidth: texts } = proofTexts
/** Bandwidth comes back with the blocks, which are a few seconds apart. */
const ASK_EVERY_MS = 10_000
/** Whoever has no wallet yet will have what a new neuron has. */
const NOBODY = `0x${'0'.repeat(40)}`
/** All peer ids begin alike. */
const PEER_LETTERS = { head: 8, tail: 8 }

/** What is told of this profile's neuron, asked anew after each step of linking; undefined where nobody counts it. */
function useBandwidth(step: string): BandwidthFacts | undefined {
  const session = useSession()
  const { isNamed } = session.state.machine.value
  const neuron = session.state.wallet.value?.address ?? NOBODY
  const [told, setTold] = useState<BandwidthFacts>()
  // a step of linking is a reason to ask again
  useEffect(() => {
    if (!isNamed) return
    const stopping = new AbortController()
    const { signal } = stopping
    const ask = async (): Promise<void> => {
      const { rank } = await session.tabland
      // the form works without it
      const facts = await rank.bandwidth({ neuron, signal }).catch(() => undefined)
      if (!signal.aborted) setTold(facts)
    }
    void ask()
    const timer = setInterval(() => void ask(), ASK_EVERY_MS)
    return () => {
      clearInterval(timer)
      stopping.abort()
    }
  }, [session, isNamed, neuron, step])
  return told
}

interface Staked extends BandwidthFacts {
  readonly sufficesAt: number
}

function isStaked(facts: BandwidthFacts): facts is Staked {
  return facts.sufficesAt !== undefined
}

function linesOf({ cost, remaining, max, fullAt, sufficesAt }: Staked): readonly string[] {
  const lines = [
    texts.costs(Number(cost)),
    texts.left(Number(remaining), Number(max), Number(remaining / cost)),
  ]
  if (remaining < cost) lines.push(texts.waits(sufficesAt))
  if (remaining < max) lines.push(texts.fullAt(fullAt))
  return lines
}

/** [KG5] What a link costs, what is left, and when it is back; nothing where no machine counts bandwidth. */
export function BandwidthMeter({ step }: { readonly step: string }): JSX.Element | null {
  const told = useBandwidth(step)
  const { chain } = useSession().state.purse.value
  if (told === undefined) return null
  // nothing is left of nothing: a bar would only look like a fault
  if (!isStaked(told)) return <p class="caption">{texts.unstaked(chain?.isTest === true)}</p>
  const { remaining, max, peer } = told
  const share = max === 0n ? 0 : Number(remaining) / Number(max)
  return (
    <div class="bandwidth" title={texts.how(shorten(peer, PEER_LETTERS))}>
      <div class="meter" role="img" aria-label={texts.label(Math.round(share * 100))}>
        <div class="meter-pinned" style={{ width: `${share * 100}%` }} />
      </div>
      <p class="caption">{linesOf(told).join(' ')}</p>
    </div>
  )
}
