/**
 * Builds wasm/assembly/*.ts into wasm/build/*.wasm, and does nothing when that is up to date.
 * `node wasm/build.ts`, or `buildWasm()` from tests and commands.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { AppError } from '#core/errors.ts'

export type WasmBuildErrorCode = 'WASM_BUILD'

const ROOT = new URL('../', import.meta.url)
const SOURCE = new URL('assembly/rank.ts', import.meta.url)
const BUILD = new URL('build/', import.meta.url)

/** The caller owns the memory, nothing is allocated, so no runtime is needed; one page is asked of it at least. */
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--initialMemory', '1']

/** What was built, as file URLs. */
export interface WasmFiles {
  /** `createWasmKernel` of wasm/bindings/rank.ts takes its bytes */
  readonly rank: URL
}

/**
 * Compiles what changed. Several processes may call it at once: files are replaced whole, the stamp last.
 *
 * @throws WASM_BUILD with what the compiler said
 */
export async function buildWasm(): Promise<WasmFiles> {
  const rank = new URL('rank.wasm', BUILD)
  const stampFile = new URL('rank.stamp', BUILD)
  const source = await readFile(SOURCE)
  const built = await readFile(rank).catch(() => undefined)
  const isFresh =
    built !== undefined &&
    (await readFile(stampFile, 'utf8').catch(() => '')) === (await stampOf(source, built))
  if (!isFresh) {
    const binary = await compile(source.toString())
    await mkdir(BUILD, { recursive: true })
    await replaceFile(rank, binary)
    await replaceFile(stampFile, await stampOf(source, binary))
  }
  return { rank }
}

/** SHA-256 over what the build read and what it wrote. The manifest pins the compiler's version. */
async function stampOf(source: Uint8Array, binary: Uint8Array): Promise<string> {
  const manifest = await readFile(new URL('package.json', ROOT), 'utf8')
  const compiler = /"assemblyscript": "[^"]+"/.exec(manifest)?.[0] ?? ''
  const hash = createHash('sha256').update(OPTIONS.join(' ')).update(compiler)
  return hash.update(`${source.length}\n`).update(source).update(binary).digest('hex')
}

async function compile(source: string): Promise<Uint8Array> {
  // Imported late: the compiler takes a second to load, and only a build needs it.
  const { main } = await import('assemblyscript/asc')
  let binary: Uint8Array | undefined
  const { error, stderr } = await main(['rank.ts', ...OPTIONS, '--outFile', 'rank.wasm'], {
    readFile: (name) => (name === 'rank.ts' ? source : null),
    writeFile: (name, contents) => {
      if (name === 'rank.wasm' && typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
  })
  if (error === null && binary !== undefined) return binary
  throw new AppError<WasmBuildErrorCode>(
    'WASM_BUILD',
    `wasm/assembly/rank.ts does not compile: ${stderr.toString() || String(error)}`,
    { cause: error },
  )
}

async function replaceFile(file: URL, contents: Uint8Array | string): Promise<void> {
  const draft = new URL(`${file.href}.${process.pid}.draft`)
  await writeFile(draft, contents)
  await rename(draft, file)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWasm()
