import { useEffect, useRef, useState } from 'preact/hooks'
import type { Failure, Tabland } from '#api/types.ts'
import { failureOf } from '../failure.ts'
import { askChainAgain, nextReadMs, REFRESH_MS } from '../next-chain-read.ts'
import { useSession } from '../session.ts'

export type ChainRead<T> =
  | { readonly kind: 'reading' }
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface ChainReadOptions<T> {
  /** what is read is another thing when this is another one */
  readonly key?: string
  /** read again when this changes; what was read before stays until then */
  readonly version?: string
  /** how often it is read again, for others write too; Infinity for what nobody else changes @default 15 s */
  readonly refreshMs?: number
  /**
   * block that the value was read at: one before the newest of our own writes is read again soon, and what tells none
   * once after each of them
   */
  readonly blockOf?: (value: T) => number | undefined
}

interface Kept<T> {
  readonly key: string
  readonly read: ChainRead<T>
  /** the last try did, though what was read before may stand */
  readonly hasFailed: boolean
}

/**
 * Something that is read from the chain, read again now and then, and when one of our own writes came into a block or
 * another wallet is used. What was read before stays until then; a failure stands only while nothing was read, and
 * another try follows it. "Again" also has endpoints asked once more that failed or lied.
 */
export function useChainRead<T>(
  load: (tabland: Tabland) => Promise<T>,
  { key = '', version = '', refreshMs = REFRESH_MS, blockOf = () => undefined }: ChainReadOptions<T> = {},
): readonly [ChainRead<T>, () => void] {
  const session = useSession()
  const [read, setRead] = useState<Kept<T>>()
  const [attempt, setAttempt] = useState(0)
  const { transactions } = session.state.purse.value
  const mined = transactions.filter(({ block }) => block !== undefined).length
  const newest = Math.max(0, ...transactions.map(({ block = 0 }) => block))
  const followed = useRef(newest)
  const address = session.state.wallet.value?.address
  useEffect(() => {
    let isGone = false
    session.tabland.then(load).then(
      (value) => isGone || setRead({ key, read: { kind: 'read', value }, hasFailed: false }),
      (error: unknown) =>
        isGone ||
        setRead((before) =>
          before?.key === key && before.read.kind === 'read'
            ? { ...before, hasFailed: true }
            : { key, read: { kind: 'failed', failure: failureOf(error) }, hasFailed: true },
        ),
    )
    return () => {
      isGone = true
    }
  }, [session, key, version, mined, address, attempt])
  useEffect(() => {
    if (read === undefined) return
    const block = read.read.kind === 'read' ? blockOf(read.read.value) : undefined
    const { hasFailed } = read
    const ms = nextReadMs({ hasFailed, block, newest, followed: followed.current, refreshMs })
    if (ms === undefined) return
    const timer = setTimeout(() => {
      followed.current = newest
      setAttempt((count) => count + 1)
    }, ms)
    return () => clearTimeout(timer)
  }, [read, newest])
  const shown = read?.key === key ? read.read : ({ kind: 'reading' } as const)
  const again = async (): Promise<void> => {
    await askChainAgain(session.tabland)
    setAttempt((count) => count + 1)
  }
  return [shown, () => void again()]
}
