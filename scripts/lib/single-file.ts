import { createHash } from 'node:crypto'
import { build, type Rolldown } from 'vite'
import { parseNetworkName } from '#core/network.ts'
import { parseRelayAddress } from '#peer/addresses.ts'
import { ROOT } from './root.ts'

/** Larger than anything that the page names. */
const INLINE_ALL = Number.MAX_SAFE_INTEGER

export interface SingleFileParts {
  /** the built page, whose links to other files are replaced */
  readonly html: string
  readonly script: string
  readonly style: string
  /** SVG */
  readonly icon: string
}

/** What is written into the file for whoever opens it without naming a relay. */
export interface SingleFileDefaults {
  /** pages (`https://…`) or multiaddrs of relays */
  readonly relays: readonly string[]
  readonly network?: string | undefined
}

/** Reads the options of `npm run build:single`. @throws RELAY_ADDRESS_INVALID, NETWORK_UNKNOWN */
export function readSingleFileDefaults(options: {
  readonly relay: readonly string[]
  readonly network?: string
}): SingleFileDefaults {
  const { relay, network } = options
  for (const address of relay) if (!/^https?:\/\/[^/]/.test(address)) parseRelayAddress(address)
  return { relays: relay, network: network === undefined ? undefined : parseNetworkName(network) }
}

/** Builds the page with everything inlined: code, workers, wasm, styles, font, icon. */
export async function buildSingleFile(defaults: SingleFileDefaults): Promise<string> {
  const built = await build({
    root: ROOT,
    publicDir: false,
    logLevel: 'warn',
    plugins: [{ name: 'tabland-inline-workers', enforce: 'pre', resolveId: inlineWorker }],
    // classic workers: pages from disk start no module workers from blobs
    worker: { format: 'iife' },
    build: {
      write: false,
      assetsInlineLimit: INLINE_ALL,
      cssCodeSplit: false,
      // a page from disk can fetch no chunk: what is imported later is in the same script
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  return composeSingleFile(partsOf((built as Rolldown.RolldownOutput).output), defaults)
}

/** The one seam between both builds: `?worker` is a worker by URL, `?worker&inline` one from inlined code. */
async function inlineWorker(this: Rolldown.PluginContext, id: string, importer: string | undefined) {
  return id.endsWith('?worker') ? this.resolve(`${id}&inline`, importer, { skipSelf: true }) : undefined
}

function partsOf(output: Rolldown.RolldownOutput['output']): SingleFileParts {
  const left = [...output]
  const take = (end: RegExp): string => {
    const at = left.findIndex(({ fileName }) => end.test(fileName))
    const found = left.splice(at, at === -1 ? 0 : 1)[0]
    if (found === undefined) throw new Error(`The page was built without a file like ${end}.`)
    return found.type === 'chunk' ? found.code : String(found.source)
  }
  const parts = {
    html: take(/^index\.html$/),
    script: take(/\.js$/),
    style: take(/\.css$/),
    icon: take(/favicon.*\.svg$/),
  }
  if (left.length > 0) {
    const names = left.map(({ fileName }) => fileName).join(', ')
    throw new Error(
      `The single file would have to load ${names}. Import workers by "?worker" and assets so that vite can inline them.`,
    )
  }
  return parts
}

/** Puts the parts into one page with a policy that allows exactly them. */
export function composeSingleFile(parts: SingleFileParts, { relays, network }: SingleFileDefaults): string {
  const script = escapeScript(parts.script)
  const style = parts.style.replace(/<\/style/gi, '<\\/style')
  const icon = `data:image/svg+xml;base64,${Buffer.from(parts.icon).toString('base64')}`
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(script, style)}">`,
    ...relays.map((relay) => metaTag('tabland-relay', relay)),
    ...(network === undefined ? [] : [metaTag('tabland-network', network)]),
    `<link rel="icon" type="image/svg+xml" href="${icon}">`,
    `<style>${style}</style>`,
    `<script type="module">${script}</script>`,
  ].join('\n    ')
  return parts.html
    .replace(/<(?:link|script)\b[^>]*\b(?:href|src)="[^>]*>(?:<\/script>)?\s*/g, '')
    .replace(/<meta charset="utf-8">/i, (charset) => `${charset}\n    ${head}`)
}

/** `<script` and `</script` end or confuse an inline script; in texts and patterns `\x3c` is the same as `<`. */
function escapeScript(script: string): string {
  return script.replace(/<(?=\/?script)/gi, '\\x3c')
}

/**
 * Like the relay's headers (relay/http/security-headers.ts), but for one file: script and style stand in the page,
 * each allowed by its hash alone, so that nothing else written into the page runs; workers come from blobs, font
 * and icon from data. Relays tell their facts by http or https, from anywhere.
 */
function policyOf(script: string, style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  return [
    "default-src 'none'",
    `script-src ${hash(script)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    'worker-src blob:',
    'connect-src ws: wss: http: https: blob: data:',
    'img-src blob: data:',
    'media-src blob:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

function metaTag(name: string, content: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return `<meta name="${name}" content="${escaped}">`
}
