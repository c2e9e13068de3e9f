import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Engine, Task } from './engine.ts'

const execute = promisify(execFile)
const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
/** Sums of floats of 24 bits over a million particles; an iteration more or fewer moves a thousand times that. */
const FLOAT_TOLERANCE = 1e-5
/** Integers lose up to 2.5·E/0.15 units of 2⁻⁶² by rounding ([KG11]): 3·10⁻¹¹ of 8 M links. */
const DOUBLE_TOLERANCE = 1e-10
/** networkx holds a link in about 300 bytes and takes a minute to read 2.5 M of them. */
const MAX_NETWORKX_LINKS = 3_000_000
const MIB = 2 ** 20

/** A program that takes FILE.csr ITERATIONS ENGINE RANKS.f64 [EPSILON] and prints {"ms", "bytes"}. */
interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly takesEpsilon: boolean
}

/** What is installed here to compare with; a word about everything that is not. */
export interface RivalPrograms {
  /** C, with the names of its engines */
  readonly native: { readonly command: string; readonly hasGraphBlas: boolean } | undefined
  /** a Python that has scipy */
  readonly python: { readonly command: string; readonly hasNetworkx: boolean } | undefined
}

/** Builds the C program into `folder` and looks for a Python with scipy. */
export async function findRivals(folder: string): Promise<RivalPrograms> {
  const native = await buildNative(folder)
  if (native === undefined) console.log('gcc is missing: C and GraphBLAS are left out.')
  else if (!native.hasGraphBlas) console.log('libgraphblas-dev is missing: GraphBLAS is left out.')
  const python = await findPython()
  if (python === undefined) console.log('python3-scipy is missing: scipy and networkx are left out.')
  else if (!python.hasNetworkx) console.log('python3-networkx is missing: networkx is left out.')
  return { native, python }
}

async function buildNative(folder: string): Promise<RivalPrograms['native']> {
  const command = join(folder, 'rivals')
  const common = ['-O3', '-march=native', fileOf('rivals.c'), '-o', command]
  const isBuilt = (args: readonly string[]) =>
    execute('gcc', [...args]).then(
      () => true,
      () => false,
    )
  if (await isBuilt(['-DWITH_GRAPHBLAS', ...common, '-lgraphblas'])) return { command, hasGraphBlas: true }
  return (await isBuilt(common)) ? { command, hasGraphBlas: false } : undefined
}

async function findPython(): Promise<RivalPrograms['python']> {
  const has = (command: string, module: string) =>
    execute(command, ['-c', `import ${module}`]).then(
      () => true,
      () => false,
    )
  // Debian's modules are for Debian's Python, which is not always the first one.
  for (const command of ['/usr/bin/python3', 'python3']) {
    if (await has(command, 'scipy.sparse')) return { command, hasNetworkx: await has(command, 'networkx') }
  }
  return undefined
}

/** Engines of other people that can rank this graph here. */
export function createRivals({ native, python }: RivalPrograms, task: Task): readonly Engine[] {
  const engines: Engine[] = []
  const add = (name: string, note: string, program: Program, isSlow?: true) =>
    engines.push({ ...createRival({ name, note, program, task }), ...(isSlow ? { isSlow } : {}) })
  if (native !== undefined) {
    const program = { command: native.command, args: [], takesEpsilon: false }
    add('c-f32', "floats, C as GAP's pr, 1 thread", program)
    add('c-f64', 'doubles, the same', program)
    if (native.hasGraphBlas) {
      add('graphblas-f32', 'floats, SuiteSparse, 1 thread', program)
      add('graphblas-f64', 'doubles, the same', program)
    }
  }
  if (python !== undefined) {
    const program = { command: python.command, args: [fileOf('rivals.py')], takesEpsilon: true }
    add('scipy', 'doubles', program)
    if (python.hasNetworkx && task.csr.targets.length <= MAX_NETWORKX_LINKS)
      add('networkx', 'doubles, makes its matrix in each call', program, true)
  }
  const heapMib = Math.floor((0.6 * freemem()) / MIB)
  const node = [`--max-old-space-size=${heapMib}`, fileOf('js-rivals.ts')]
  const program = { command: process.execPath, args: node, takesEpsilon: true }
  add('graphology-metrics', 'doubles, prepares in each call', program, true)
  add('ngraph.pagerank', 'doubles, prepares in each call', program, true)
  return engines
}

interface RivalInit {
  readonly name: string
  readonly note: string
  readonly program: Program
  readonly task: Task
}

function createRival({ name, note, program, task }: RivalInit): Engine {
  const { command, args, takesEpsilon } = program
  const { path, iterations, epsilon } = task
  return {
    name,
    note,
    tolerance: name.endsWith('f32') ? FLOAT_TOLERANCE : DOUBLE_TOLERANCE,
    async run() {
      const out = `${path}.${name}.f64`
      const line = [...args, path, String(iterations), name, out, ...(takesEpsilon ? [String(epsilon)] : [])]
      const { stdout } = await execute(command, line, { env: { ...process.env, OMP_NUM_THREADS: '1' } })
      const { ms, bytes } = JSON.parse(stdout) as { readonly ms: number; readonly bytes: number | null }
      const ranks = await readFile(out)
      await rm(out)
      return {
        msPerIteration: ms / iterations,
        ranks: new Float64Array(ranks.buffer, ranks.byteOffset, ranks.length / 8).slice(),
        bytes: bytes ?? undefined,
      }
    },
  }
}
