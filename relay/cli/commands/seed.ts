import type { SeedItem, SeedState } from '#api/seed-types.ts'
import type { Tabland } from '#api/types.ts'
import type { SeedSettingsChange } from '#core/seeding.ts'
import { parseContentCid } from '#peer/content.ts'
import { parseBytes } from '../../option-types.ts'
import { type CommandContext, untilAborted, usageError } from '../command.ts'
import { NODE_OPTIONS_HELP, parseNodeCommand, withNodeTabland } from '../node-options.ts'

export const name = 'seed'
export const summary = 'keep what is named, and serve it until stopped: for a home server'
export const usage = `tabland seed [CID…] [options]

  --quota BYTES     of everything kept, such as 20GiB
  --upload BYTES    a second at most, such as 1MiB; "none" lifts it
  --download BYTES  a second at most
  --for ADDRESS     a wallet (0x…) that may ask this machine to keep something; any number of times
  --for-bytes BYTES for all of them together; 0 = nothing
  --copies N        other devices wanted for each; fewer, and others are asked to take one
  --once            ends when everything named is here
${NODE_OPTIONS_HELP}

Fetches each CID whole and keeps it, goes on with what the profile kept before, and serves all of it. The options
are remembered in the profile, as a tab remembers its settings.`

/** How often the state is told, when it changed. */
const TELL_MS = 10_000

export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const line = parseNodeCommand(name, args, {
    rest: 'CID',
    flags: ['once'],
    values: ['quota', 'upload', 'download', 'for', 'for-bytes', 'copies'],
  })
  const cids = line.positionals.map((text) => parseContentCid(text).toString())
  const settings = readSettings(line.values)
  const { signal, stdout, stderr } = context
  await withNodeTabland(line, context, async ({ tabland, synced }) => {
    if (Object.keys(settings).length > 0) await tabland.seed.set(settings)
    await synced()
    const fetching = Promise.all(cids.map((cid) => keep(tabland, cid, context)))
    if (line.flags.once) {
      await fetching
      return
    }
    const stopTelling = tellChanges(tabland.state.seed, (text) => stderr.write(`${text}\n`))
    // what cannot be had now comes when somebody brings it: serving goes on
    fetching.catch((error: unknown) => {
      if (!signal.aborted) stderr.write(`${(error as Error).message}\n`)
    })
    stdout.write('Serving until you press Ctrl-C.\n')
    await untilAborted(signal)
    stopTelling()
  })
}

async function keep(tabland: Tabland, cid: string, { signal, stdout }: CommandContext): Promise<void> {
  const item = await tabland.seed.pin(cid, { signal })
  stdout.write(`${item.cid} is here, ${item.bytes ?? item.heldBytes} bytes\n`)
}

/** One line of what is kept and served, in the words of the seeding panel. */
export function seedLine({ items, pinnedBytes, cachedBytes, quotaBytes, serving }: SeedState): string {
  const mine = items.filter(({ reasons }) => reasons.length > 0)
  const sent = items.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
  const held = `${mib(pinnedBytes)} pinned in ${mine.length}, ${mib(cachedBytes)} cached, of ${mib(quotaBytes)}`
  const state = {
    served: 'all of it can be fetched now',
    partly: `${serving.wholeItems} of ${serving.items} are whole: ${mine.flatMap(progressOf).join(', ') || 'the rest is looked for'}`,
    alone: 'nobody is connected to take it',
    offline: 'no network',
    nothing: 'nothing is kept yet',
  }[serving.status]
  return `${held}; ${state}; ${serving.reachablePeers} peers, ${mib(sent)} sent`
}

function progressOf({ cid, bytes, heldBytes }: SeedItem): string[] {
  if (bytes === undefined || heldBytes >= bytes) return []
  return [`${cid.slice(0, 8)}… ${Math.floor((100 * heldBytes) / bytes)} %`]
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

function tellChanges(state: Tabland['state']['seed'], tell: (text: string) => void): () => void {
  let told = ''
  const look = (): void => {
    const text = seedLine(state.value)
    if (text !== told) tell(text)
    told = text
  }
  look()
  const timer = setInterval(look, TELL_MS)
  return () => clearInterval(timer)
}

/** @throws COMMAND_USAGE */
function readSettings(values: Readonly<Record<string, readonly string[]>>): SeedSettingsChange {
  const bytes = (option: string): number | undefined => {
    const text = values[option]?.at(-1)
    if (text === undefined) return undefined
    const parsed = text === '0' ? 0n : parseBytes.parse(text)
    if (parsed === undefined)
      throw usageError(name, `--${option} takes ${parseBytes.expected}, got "${text.slice(0, 40)}"`)
    return Number(parsed)
  }
  const cap = (option: 'upload' | 'download', setting: 'uploadCap' | 'downloadCap') => {
    if (values[option]?.at(-1) === 'none') return { [setting]: undefined }
    const value = bytes(option)
    return value === undefined ? {} : { [setting]: value }
  }
  const quotaBytes = bytes('quota')
  const keepForOthersBytes = bytes('for-bytes')
  const copies = values.copies?.at(-1)
  if (copies !== undefined && !/^\d{1,3}$/.test(copies))
    throw usageError(name, `--copies takes a whole number, got "${copies.slice(0, 40)}"`)
  const friends = values.for ?? []
  return {
    ...(quotaBytes === undefined ? {} : { quotaBytes }),
    ...(keepForOthersBytes === undefined ? {} : { keepForOthersBytes }),
    ...cap('upload', 'uploadCap'),
    ...cap('download', 'downloadCap'),
    ...(copies === undefined ? {} : { wantedCopies: Number(copies) }),
    ...(friends.length === 0 ? {} : { friends }),
  }
}
