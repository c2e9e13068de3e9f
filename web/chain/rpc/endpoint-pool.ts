import { type ElapsedOptions, elapsed } from '#core/elapsed.ts'
import { isAppError } from '#core/errors.ts'
import type { Timers } from '#core/timers.ts'
import { chainError } from '../chain-errors.ts'
import { createRpcEndpoint, type RpcEndpoint } from './json-rpc.ts'

/**
 * How an endpoint does. A liar was caught twice in a row with a value that its own proof refutes, and is not asked again,
 * unless there are only liars: then all are, after a minute, or when a person asks for it.
 */
export type EndpointStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'waiting'; readonly failure: string; readonly retryAt: number }
  | { readonly kind: 'liar'; readonly failure: string }

export interface EndpointState {
  readonly name: string
  readonly status: EndpointStatus
}

export interface EndpointPoolInit {
  /** in the order in which they are asked */
  readonly endpoints: readonly RpcEndpoint[]
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
  /** hears of each change */
  readonly onChange?: () => void
}

/** Endpoints that a person configures: more add nothing to a majority that some hundred milliseconds are worth. */
export const MAX_RPC_ENDPOINTS = 8
/** A second at first: most failures are one lost request. Who started a node again looks for it within seconds. */
const FIRST_WAIT_MS = 1_000
const MAX_WAIT_MS = 15_000
/** Where all have lied: a node that was mended is found within a minute, by who runs for months too. */
const ALL_LIED_WAIT_MS = 60_000
/** A node that puts a block on its chain just now may answer out of two states at once: it is asked again before it is a liar. */
const SECOND_LOOK_MS = 250

/** Only what an endpoint itself refutes is a lie; all else may be its network, its version or its limits. */
const LIES: ReadonlySet<string> = new Set(['HEADER_FORGED', 'PROOF_INVALID', 'PROOF_MISMATCH'])

interface Member {
  readonly endpoint: RpcEndpoint
  status: EndpointStatus
  failures: number
}

/** The configured endpoints of a chain, and what became of each ([CH13]). */
export interface EndpointPool {
  readonly states: readonly EndpointState[]
  /** those that count for a majority, by their source: all but liars */
  readonly sources: ReadonlyMap<string | RpcEndpoint, number>
  /**
   * Asks one after the other until one gives what `read` accepts: whoever is caught lying is named and dropped.
   *
   * @throws RPC_UNREACHABLE when none did, with what each said
   */
  first<T>(read: (endpoint: RpcEndpoint) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Asks all at once; failures are noted, and left out of the answers. */
  all<T>(
    read: (endpoint: RpcEndpoint) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<readonly { readonly endpoint: RpcEndpoint; readonly value: T }[]>
  /** Whoever waits is asked again at once; where all have lied, they are. */
  retry(): void
}

/** What endpoints are the one source of that only a relay named. */
export const TOLD_SOURCE = 'named by the relay'

/**
 * @param told those of them that a relay alone named
 * @throws RPC_ENDPOINTS when there is none, or one that is none, or too many
 */
export function createEndpoints(
  urls: readonly string[],
  fetch?: typeof globalThis.fetch,
  told: readonly string[] = [],
): readonly RpcEndpoint[] {
  const distinct = [...new Set(urls)]
  if (distinct.length < 1 || distinct.length > MAX_RPC_ENDPOINTS) {
    throw chainError(
      'RPC_ENDPOINTS',
      `Expected 1 to ${MAX_RPC_ENDPOINTS} RPC endpoints of the chain, got ${distinct.length}.`,
    )
  }
  return distinct.map((url) =>
    createRpcEndpoint({
      url,
      ...(told.includes(url) ? { source: TOLD_SOURCE } : {}),
      ...(fetch === undefined ? {} : { fetch }),
    }),
  )
}

export function createEndpointPool(init: EndpointPoolInit): EndpointPool {
  const { endpoints, timers, now, onChange = () => {} } = init
  const members: readonly Member[] = endpoints.map((endpoint) => ({
    endpoint,
    status: { kind: 'good' },
    failures: 0,
  }))

  /** unix ms of the last lie */
  let liedAt = 0
  const haveAllLied = () => members.every(({ status }) => status.kind === 'liar')

  function set(member: Member, status: EndpointStatus): void {
    const isSame = member.status.kind === 'good' && status.kind === 'good'
    member.status = status
    if (!isSame) onChange()
  }

  function noteFailure(member: Member, error: unknown): void {
    const failure = (error as Error).message
    if (isLie(error)) {
      liedAt = now()
      set(member, { kind: 'liar', failure })
      return
    }
    const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** member.failures)
    member.failures = Math.min(member.failures + 1, 16)
    set(member, { kind: 'waiting', failure, retryAt: now() + waitMs })
  }

  async function ask<T>(
    member: Member,
    read: (endpoint: RpcEndpoint) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<{ readonly value: T } | undefined> {
    try {
      const value = await readTwice(() => read(member.endpoint), { timers, signal })
      member.failures = 0
      // it may have been caught by another question meanwhile
      if (member.status.kind !== 'liar') set(member, { kind: 'good' })
      return { value }
    } catch (error) {
      signal?.throwIfAborted()
      if (!isAppError(error)) throw error
      noteFailure(member, error)
      return undefined
    }
  }

  /** At once, so that none of them decides alone because it lied first. */
  function pardonAll(): void {
    for (const member of members) {
      if (member.status.kind === 'liar') set(member, { ...member.status, kind: 'waiting', retryAt: now() })
    }
  }

  /** Whom to ask: the good ones, then those whose time to wait has passed. */
  function willing(): readonly Member[] {
    if (haveAllLied() && now() - liedAt >= ALL_LIED_WAIT_MS) pardonAll()
    const due = members.filter(({ status }) => status.kind === 'waiting' && status.retryAt <= now())
    return [...members.filter(({ status }) => status.kind === 'good'), ...due]
  }

  return {
    get states() {
      return members.map(({ endpoint, status }) => ({ name: endpoint.name, status }))
    },
    get sources() {
      const counts = new Map<string | RpcEndpoint, number>()
      for (const { endpoint, status } of members) {
        if (status.kind !== 'liar') counts.set(sourceOf(endpoint), (counts.get(sourceOf(endpoint)) ?? 0) + 1)
      }
      return counts
    },
    async first(read, signal) {
      for (const member of willing()) {
        const answer = await ask(member, read, signal)
        if (answer !== undefined) return answer.value
      }
      throw noneLeft(members)
    },
    async all(read, signal) {
      const answers = await Promise.all(
        willing().map(async (member) => {
          const answer = await ask(member, read, signal)
          return answer && { endpoint: member.endpoint, value: answer.value }
        }),
      )
      return answers.filter((answer) => answer !== undefined)
    },
    retry() {
      if (haveAllLied()) pardonAll()
      for (const member of members) {
        if (member.status.kind === 'waiting') set(member, { kind: 'good' })
      }
    },
  }
}

const isLie = (error: unknown) => isAppError(error) && LIES.has(error.code)

async function readTwice<T>(read: () => Promise<T>, { timers, signal }: ElapsedOptions): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!isLie(error)) throw error
    await elapsed(SECOND_LOOK_MS, { timers, signal })
    signal?.throwIfAborted()
    return read()
  }
}

/** Who vouches for an endpoint: whoever named it, or itself. */
export function sourceOf(endpoint: RpcEndpoint): string | RpcEndpoint {
  return endpoint.source ?? endpoint
}

function noneLeft(members: readonly Member[]): Error {
  const said = members.map(({ endpoint, status }) =>
    status.kind === 'good' ? `${endpoint.name} was not asked` : `${endpoint.name}: ${status.failure}`,
  )
  return chainError(
    'RPC_UNREACHABLE',
    `None of the chain's endpoints gave an answer that holds. ${said.join(' ')} It is tried again.`,
  )
}
