import { type Bytes, concat } from '#core/bytes.ts'
import { chainError } from '../chain-errors.ts'

export interface RpcCall {
  readonly method: string
  readonly params: readonly unknown[]
}

export interface RpcOptions {
  readonly signal?: AbortSignal | undefined
}

/** One server that answers Ethereum's JSON-RPC over HTTP. What it says is parsed here, and believed nowhere. */
export interface RpcEndpoint {
  /** its address as people see it: the host, for keys stand in paths and queries */
  readonly name: string
  /** who vouches for it; endpoints of one source count as one in a majority @default itself */
  readonly source?: string
  /** @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID */
  call(method: string, params: readonly unknown[], options?: RpcOptions): Promise<unknown>
  /** One request for all, answers in their order. @throws as `call`, with the first failure */
  batch(calls: readonly RpcCall[], options?: RpcOptions): Promise<readonly unknown[]>
}

export interface RpcEndpointInit {
  readonly url: string
  readonly source?: string
  /** @default globalThis.fetch */
  readonly fetch?: typeof globalThis.fetch
  /** @default RPC_TIMEOUT_MS */
  readonly timeoutMs?: number
}

/** A node that is busy answers within seconds; behind that another is asked. */
export const RPC_TIMEOUT_MS = 15_000
/** 4,000 words of storage are 256 KB of digits; proofs of a hundred slots a megabyte. Nodes refuse above 10 MiB. */
export const MAX_RPC_ANSWER_BYTES = 8 * 1024 * 1024
/** Public endpoints take so many calls in one request. */
export const MAX_RPC_BATCH = 100
const MAX_URL_CHARS = 2_048

/** @throws RPC_ENDPOINTS when it is no http or https address */
export function parseRpcUrl(text: string): URL {
  const url = text.length <= MAX_URL_CHARS && URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  throw chainError(
    'RPC_ENDPOINTS',
    `Expected the address of an RPC endpoint, http://… or https://…, got "${text.slice(0, 80)}".`,
  )
}

/** @throws RPC_ENDPOINTS when `url` is none */
export function createRpcEndpoint({
  url: text,
  source,
  fetch: request = (...args) => globalThis.fetch(...args),
  timeoutMs = RPC_TIMEOUT_MS,
}: RpcEndpointInit): RpcEndpoint {
  const url = parseRpcUrl(text)
  const name = url.host

  async function post(body: unknown, { signal }: RpcOptions): Promise<unknown> {
    signal?.throwIfAborted()
    const limit = AbortSignal.timeout(timeoutMs)
    try {
      const response = await request(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        credentials: 'omit',
        // a chain's node is no page: where it leads to was not configured
        redirect: 'error',
      })
      const bytes = await readBounded(response, name)
      if (!response.ok) throw unreachable(name, `it answered with status ${response.status}`)
      return parseJson(bytes, name)
    } catch (cause) {
      signal?.throwIfAborted()
      if ((cause as { name?: string }).name === 'AppError') throw cause
      const why = limit.aborted ? `it took more than ${timeoutMs / 1_000} s` : (cause as Error).message
      throw unreachable(name, why, cause)
    }
  }

  return {
    name,
    ...(source === undefined ? {} : { source }),
    async call(method, params, options = {}) {
      return resultOf(await post({ jsonrpc: '2.0', id: 0, method, params }, options), method, name)
    },
    async batch(calls, options = {}) {
      const [only, ...more] = calls
      if (only === undefined) return []
      if (more.length === 0) return [await this.call(only.method, only.params, options)]
      const body = calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params }))
      return resultsOf(await post(body, options), calls, name)
    },
  }
}

async function readBounded(response: Response, name: string): Promise<Bytes> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > MAX_RPC_ANSWER_BYTES) {
      // leaving the loop cancels the download
      throw invalid(name, `it has more than ${MAX_RPC_ANSWER_BYTES} bytes`)
    }
    parts.push(part)
  }
  return concat(...parts)
}

function parseJson(bytes: Bytes, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw invalid(name, 'it is no JSON', cause)
  }
}

function resultsOf(answer: unknown, calls: readonly RpcCall[], name: string): readonly unknown[] {
  if (!Array.isArray(answer)) {
    resultOf(answer, 'batch', name) // a node that takes no batches answers with one error
    throw invalid(name, `it is one answer to ${calls.length} calls`)
  }
  if (answer.length !== calls.length) throw invalid(name, `it has ${answer.length} parts of ${calls.length}`)
  const byId = new Map<unknown, unknown>(answer.map((part) => [(part as { id?: unknown } | null)?.id, part]))
  return calls.map(({ method }, id) => resultOf(byId.get(id), method, name))
}

function resultOf(answer: unknown, method: string, name: string): unknown {
  if (typeof answer !== 'object' || answer === null) throw invalid(name, 'it is no object')
  const { result, error } = answer as { readonly result?: unknown; readonly error?: unknown }
  if (error !== undefined && error !== null) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
    throw chainError(
      'RPC_REFUSED',
      `${name} answered ${method} with an error: ${String(message ?? 'no reason').slice(0, 200)}.`,
      { cause: error, details: { endpoint: name, method, code: Number(code) || 0 } },
    )
  }
  if (result === undefined) throw invalid(name, 'it has neither a result nor an error')
  return result
}

function unreachable(name: string, why: string, cause?: unknown): Error {
  return chainError('RPC_UNREACHABLE', `The chain's endpoint ${name} does not answer: ${why}.`, {
    cause,
    details: { endpoint: name },
  })
}

function invalid(name: string, what: string, cause?: unknown): Error {
  return chainError('RPC_ANSWER_INVALID', `What ${name} answered cannot be used: ${what}.`, {
    cause,
    details: { endpoint: name },
  })
}
