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
const SOURCES = new URL('assembly/', import.meta.url)
const BUILD = new URL('build/', import.meta.url)

/** The caller owns the memory, nothing is allocated, so no runtime is needed; one page is asked of it at least. */
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--initialMemory', '1']
/** Each source by its name, with what it needs of the engine beside the plain instructions. */
const MODULES = { keccak: [], rank: [], sha256: ['--enable', 'simd'] } as const

type ModuleName = keyof typeof MODULES

/** What was built, as file URLs: `createWasmKernel`, `createWasmHasher` and `createWasmKeccak` of wasm/bindings take their bytes. */
export type WasmFiles = Readonly<Record<ModuleName, URL>>

/**
 * Compiles what changed. Several processes may call it at once: files are replaced whole, the stamp last.
 *
 * @throws WASM_BUILD with what the compiler said
 */
export async function buildWasm(): Promise<WasmFiles> {
  return {
    keccak: await buildModule('keccak'),
    rank: await buildModule('rank'),
    sha256: await buildModule('sha256'),
  }
}

async function buildModule(name: ModuleName): Promise<URL> {
  const file = new URL(`${name}.wasm`, BUILD)
  const stampFile = new URL(`${name}.stamp`, BUILD)
  const options = [...OPTIONS, ...MODULES[name]]
  const source = await readFile(new URL(`${name}.ts`, SOURCES))
  const built = await readFile(file).catch(() => undefined)
  const isFresh =
    built !== undefined &&
    (await readFile(stampFile, 'utf8').catch(() => '')) === (await stampOf(options, source, built))
  if (!isFresh) {
    const binary = await compile(name, source.toString(), options)
    await mkdir(BUILD, { recursive: true })
    await replaceFile(file, binary)
    await replaceFile(stampFile, await stampOf(options, source, binary))
  }
  return file
}

/** SHA-256 over what the build read and what it wrote. The manifest pins the compiler's version. */
async function stampOf(options: readonly string[], source: Uint8Array, binary: Uint8Array): Promise<string> {
  const manifest = await readFile(new URL('package.json', ROOT), 'utf8')
  const compiler = /"assemblyscript": "[^"]+"/.exec(manifest)?.[0] ?? ''
  const hash = createHash('sha256').update(options.join(' ')).update(compiler)
  return hash.update(`${source.length}\n`).update(source).update(binary).digest('hex')
}

async function compile(name: ModuleName, source: string, options: readonly string[]): Promise<Uint8Array> {
  // Imported late: the compiler takes a second to load, and only a build needs it.
  const { main } = await import('assemblyscript/asc')
  const [input, output] = [`${name}.ts`, `${name}.wasm`]
  let binary: Uint8Array | undefined
  const { error, stderr } = await main([input, ...options, '--outFile', output], {
    readFile: (path) => (path === input ? source : null),
    writeFile: (path, contents) => {
      if (path === output && typeof contents !== 'string') binary = contents
    },
    listFiles: () => [],
  })
  if (error === null && binary !== undefined) return binary
  throw new AppError<WasmBuildErrorCode>(
    'WASM_BUILD',
    `wasm/assembly/${input} does not compile: ${stderr.toString() || String(error)}`,
    { cause: error },
  )
}

async function replaceFile(file: URL, contents: Uint8Array | string): Promise<void> {
  const draft = new URL(`${file.href}.${process.pid}.draft`)
  await writeFile(draft, contents)
  await rename(draft, file)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWasm()
