import type { SearchResult } from '#api/search-types.ts'
import type { CommandContext } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'

export const name = 'search'
export const summary = 'what people linked to a text, ranked here'
export const usage = `tabland search TEXT [options]

  --json            print {particle, total, results: [{cid, rank, share, text, links}], suggestions}
${NODE_OPTIONS_HELP}`

const LIMIT = 20
/** A snippet that no peer gives in this time is left out. */
const SNIPPET_TIMEOUT_MS = 5_000
const SHOWN_CHARACTERS = 100

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, { names: ['TEXT'], flags: ['json'] })
  const query = line.positionals[0] as string
  const { signal, stdout } = context
  await withNodeTabland(line, context, async ({ tabland, synced }) => {
    await synced()
    await tabland.rank.compute({ signal })
    const page = await tabland.search(query, { limit: LIMIT, signal })
    const texts = await Promise.all(page.results.map(({ cid }) => textOf(cid)))
    if (line.flags.json) {
      const results = page.results.map((result, index) => toJson(result, texts[index]))
      const { particle, total, suggestions } = page
      stdout.write(`${JSON.stringify({ particle, total, results, suggestions })}\n`)
      return
    }
    for (const [index, { cid, share }] of page.results.entries()) {
      stdout.write(`${formatShare(share)}  ${cid}  ${(texts[index] ?? '').slice(0, SHOWN_CHARACTERS)}\n`)
    }
    if (page.results.length === 0) stdout.write(nothingFound(query, page.suggestions))

    async function textOf(cid: string): Promise<string | undefined> {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(SNIPPET_TIMEOUT_MS)])
      const snippet = await tabland.snippet(cid, { signal: limited }).catch(() => undefined)
      signal.throwIfAborted()
      return (
        snippet?.text ??
        (snippet === undefined ? undefined : `(${snippet.kind}, ${snippet.size ?? '?'} bytes)`)
      )
    }
  })
}

function toJson({ cid, rank, share, links }: SearchResult, text: string | undefined): object {
  return { cid, rank: rank.toString(), share, text, links }
}

/** Share of all rank in millionths, which is what a result of a small graph has. */
function formatShare(share: number): string {
  return `${(1e6 * share).toFixed(1).padStart(9)} ppm`
}

function nothingFound(query: string, suggestions: readonly string[]): string {
  const near = suggestions.length === 0 ? '' : ` Near it: ${suggestions.join(', ')}.`
  return `Nothing is linked from "${query}".${near}\n`
}
