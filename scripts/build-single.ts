// `npm run build:single`: the whole page in one file, dist/tabland.html, that works from disk as well.
// `--relay ADDRESS` (again and again) and `--network NAME` write into it whom it asks when it is opened without
// naming a relay; `--if-stale` skips the build when nothing changed.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { isAppError } from '#core/errors.ts'
import { sha256Of } from '#relay/verify/page-list.ts'
import { fingerprint, isBuildFresh, SINGLE_FILE, writeBuildStamp } from './lib/build-stamp.ts'
import { ROOT, runNode } from './lib/root.ts'
import { buildSingleFile, readSingleFileDefaults, type SingleFileDefaults } from './lib/single-file.ts'

const OUTPUT = join(ROOT, 'dist/tabland.html')

async function build(defaults: SingleFileDefaults, stamp: string): Promise<void> {
  const startedAt = performance.now()
  if ((await runNode('wasm/build.ts')) !== 0) throw new Error('The wasm modules did not build; see above.')
  const html = await buildSingleFile(defaults)
  await mkdir(dirname(OUTPUT), { recursive: true })
  await writeFile(`${OUTPUT}.draft`, html)
  await rename(`${OUTPUT}.draft`, OUTPUT)
  await writeBuildStamp(SINGLE_FILE, stamp)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    `Built dist/tabland.html (${(html.length / 1e6).toFixed(1)} MB) in ${seconds} s, hash ${sha256Of(html)}.`,
  )
}

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({
      options: {
        relay: { type: 'string', multiple: true, default: [] },
        network: { type: 'string' },
        'if-stale': { type: 'boolean', default: false },
      },
    })
    const defaults = readSingleFileDefaults(values)
    const stamp = await fingerprint(JSON.stringify(defaults))
    if (!(values['if-stale'] && (await isBuildFresh(SINGLE_FILE, stamp)))) await build(defaults, stamp)
    return 0
  } catch (error) {
    const usage = isAppError(error) || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
    console.error(usage ? (error as Error).message : error)
    return 1
  }
}

process.exitCode = await main()
