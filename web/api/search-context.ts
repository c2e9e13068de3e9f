import { apiError } from './errors.ts'
import type { ContextSearchOptions, SearchContext } from './search-types.ts'

/**
 * A context as it is typed in a console; of what it holds, the field that is meant crosses to the graph.
 *
 * @throws CONTEXT_EXPECTED
 */
export function parseSearchContext(value: unknown): SearchContext {
  const { cids, neuron } = (value ?? {}) as { readonly cids?: unknown; readonly neuron?: unknown }
  if (typeof neuron === 'string' && cids === undefined) return { neuron }
  if (neuron === undefined && Array.isArray(cids) && cids.every((cid) => typeof cid === 'string'))
    return { cids }
  throw apiError(
    'CONTEXT_EXPECTED',
    "A context is { cids: ['moon', 'Qm…'] } or { neuron: '0x…' }: give one of the two.",
  )
}

/** The context among the options of a search, when there is one. @throws CONTEXT_EXPECTED */
export function contextOf({ context }: ContextSearchOptions): { readonly context?: SearchContext } {
  return context === undefined ? {} : { context: parseSearchContext(context) }
}
