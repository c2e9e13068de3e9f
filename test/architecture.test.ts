import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { GENERATED_MARK } from '#contracts/generate.ts'
import { ROOT } from '../scripts/lib/root.ts'
import { type ImportEdge, importEdges, sourceFiles } from '../scripts/lib/source-tree.ts'

const SOURCE_FOLDERS = ['web', 'webgpu', 'wasm', 'relay', 'contracts-abi']
const files = sourceFiles(SOURCE_FOLDERS)
const edges = importEdges(files)

/** Lowest first: each imports only itself and what stands before it. */
const PURE_FOLDERS = ['web/core', 'web/merkle', 'web/objects', 'web/graph', 'web/group']

/** Packages that compute and do nothing else: no DOM, Node.js, network, clock or randomness in what we use of them. */
const PURE_PACKAGES = new Set([
  '@bufbuild/protobuf',
  '@ipld/dag-pb',
  '@noble/curves',
  '@noble/hashes',
  'fastest-levenshtein',
  'ipfs-unixfs',
  'multiformats',
])

/** The seam between the parts that hold state and those that show it: types only, imported from both sides. */
const SEAM = 'web/api/types.ts and the files of types beside it'
const SEAM_FILES = new Set(
  [
    'types',
    'access-types',
    'governance-types',
    'land-types',
    'machine-types',
    'network-types',
    'object-types',
    'search-types',
    'seed-types',
    'wallet-types',
    'chain-types',
    'world',
  ].map((name) => `web/api/${name}.ts`),
)

/** Files straight in web/: main.ts and what it loads first put a tab together from all parts. */
const ROOTS = 'composition roots'

/** What the folders above the pure ones may import, beside pure folders, the seam and themselves. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'web/peer': [],
  'web/seed': [],
  'contracts-abi': [],
  'web/chain': ['contracts-abi'],
  webgpu: [],
  wasm: [],
  'web/world': [],
  'web/ui': [],
  'web/offline': [],
  'web/api': ['web/peer', 'web/seed', 'web/chain', 'webgpu', 'wasm'],
  relay: ['web/api', 'web/peer', 'web/seed', 'web/chain', 'webgpu', 'wasm', 'contracts-abi'],
  [ROOTS]: [
    'web/api',
    'web/peer',
    'web/seed',
    'web/chain',
    'webgpu',
    'wasm',
    'web/world',
    'web/ui',
    'web/offline',
  ],
}

/** The folder (of design.md §2) that a file stands in. */
function folderOf(path: string): string {
  if (SEAM_FILES.has(path)) return SEAM
  const [top = '', second = ''] = path.split('/')
  if (top !== 'web') return top
  return second.includes('.') ? ROOTS : `web/${second}`
}

function describeEdge({ from, specifier }: ImportEdge): string {
  return `${from} imports ${specifier}`
}

describe('import directions (design §2)', () => {
  it('finds the sources at all', () => {
    expect(files).toContain('web/core/bytes.ts')
    expect(edges.some(({ from, to }) => from === 'web/core/bytes.ts' && to === 'web/core/errors.ts')).toBe(
      true,
    )
  })

  it('core ← merkle ← objects ← graph ← group: pure folders import only what stands below them', () => {
    const wrong = edges.filter(({ from, to }) => {
      const level = PURE_FOLDERS.indexOf(folderOf(from))
      if (level === -1 || to === undefined) return false
      const target = PURE_FOLDERS.indexOf(folderOf(to))
      return target === -1 || target > level
    })
    expect(wrong.map(describeEdge)).toEqual([])
  })

  it('pure folders use only packages that compute: no Node.js, no DOM, no network', () => {
    const wrong = edges.filter(
      ({ from, package: name }) =>
        PURE_FOLDERS.includes(folderOf(from)) && name !== undefined && !PURE_PACKAGES.has(name),
    )
    expect(wrong.map(describeEdge)).toEqual([])
  })

  it('every other folder imports only pure folders, the seam and what is allowed to it', () => {
    const wrong = edges.filter(({ from, to }) => {
      const folder = folderOf(from)
      if (to === undefined || PURE_FOLDERS.includes(folder) || folder === SEAM) return false
      const target = folderOf(to)
      const allowed = ALLOWED[folder]
      if (allowed === undefined) return true
      return ![...PURE_FOLDERS, SEAM, folder, ...allowed].includes(target)
    })
    expect(wrong.map(describeEdge)).toEqual([])
  })

  it('the seam imports only pure folders', () => {
    const wrong = edges.filter(
      ({ from, to }) =>
        folderOf(from) === SEAM && to !== undefined && ![...PURE_FOLDERS, SEAM].includes(folderOf(to)),
    )
    expect(wrong.map(describeEdge)).toEqual([])
  })

  it('nothing that runs in the tab imports a Node.js module', () => {
    const wrong = edges.filter(
      ({ from, package: name }) =>
        /^(web|webgpu)\//.test(from) && !/\.node\.ts$/.test(from) && name?.startsWith('node:'),
    )
    expect(wrong.map(describeEdge)).toEqual([])
  })

  it('folders import one another in no circle', () => {
    const graph = new Map<string, Set<string>>()
    for (const { from, to } of edges) {
      if (to === undefined || folderOf(to) === folderOf(from)) continue
      const targets = graph.get(folderOf(from)) ?? new Set()
      graph.set(folderOf(from), targets.add(folderOf(to)))
    }
    expect(findCycle(graph)).toBeUndefined()
  })

  it('modules import one another in no circle when they run', () => {
    const graph = new Map<string, Set<string>>()
    for (const { from, to, kind } of edges) {
      if (to !== undefined && kind === 'static') graph.set(from, (graph.get(from) ?? new Set()).add(to))
    }
    expect(findCycle(graph)).toBeUndefined()
  })
})

/** Nodes of one circle in order, or undefined. */
function findCycle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: string): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return undefined
    path.push(node)
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next)
      if (cycle !== undefined) return cycle
    }
    path.pop()
    done.add(node)
    return undefined
  }
  for (const node of graph.keys()) {
    const cycle = visit(node)
    if (cycle !== undefined) return cycle
  }
  return undefined
}

describe('nothing is left over', () => {
  const outside = sourceFiles(['scripts', 'test'])
  const everyEdge = [
    ...edges,
    ...importEdges(outside),
    ...importEdges(['vite.config.ts', 'vitest.config.ts']),
  ]
  const { dependencies, devDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    dependencies: Record<string, string>
    devDependencies: Record<string, string>
  }

  it('every imported package is named in package.json', () => {
    const known = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)])
    // Tests may reach into what a dependency brings along: those of the patches do.
    const unknown = everyEdge.filter(
      ({ from, package: name }) =>
        !from.startsWith('test/') &&
        name !== undefined &&
        !name.startsWith('node:') &&
        !known.has(name) &&
        !isVirtual(name),
    )
    expect(unknown.map(describeEdge)).toEqual([])
  })

  it('every dependency is imported somewhere', () => {
    // `node` is the engine of the npm scripts, patch-package runs at install.
    const used = new Set([
      'node',
      'patch-package',
      ...everyEdge.map((edge) => edge.package),
      ...styleImports(),
    ])
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([])
  })

  it('every benchmark runs when it is called, not only when it is imported', () => {
    const benches = readdirSync(`${ROOT}test/bench`).filter((name) => name.endsWith('.ts'))
    const idle = benches.filter((name) => {
      const source = readFileSync(`${ROOT}test/bench/${name}`, 'utf8')
      return source.includes('export async function run(') && !/^(if \(.*\) )?await run\(/m.test(source)
    })
    expect(benches.length).toBeGreaterThan(0)
    expect(idle).toEqual([])
  })

  it('every module is reached from the page, the service worker, the command, a worker or a script', () => {
    const roots = [
      ...outside.filter((path) => path.startsWith('scripts/')),
      'web/main.ts',
      'web/offline/service-worker.ts',
    ]
    const reached = new Set<string>()
    const queue = [
      ...roots,
      ...files.filter((path) => path.startsWith('relay/cli/tabland.')),
      'wasm/build.ts',
      'contracts-abi/build.ts',
      // each contract's ABI and bytecode are for whoever needs them, here or elsewhere
      ...files.filter((path) => readFileSync(ROOT + path, 'utf8').startsWith(GENERATED_MARK)),
    ]
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (reached.has(path)) continue
      reached.add(path)
      for (const { from, to } of everyEdge) if (from === path && to !== undefined) queue.push(to)
    }
    expect(files.filter((path) => !reached.has(path))).toEqual([])
  })
})

/** `virtual:…` modules are made by vite. */
function isVirtual(name: string): boolean {
  return name.startsWith('virtual:')
}

/** Packages that style sheets import. */
function styleImports(): string[] {
  return readdirSync(`${ROOT}web`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.css'))
    .flatMap((path) => [
      ...readFileSync(`${ROOT}web/${path}`, 'utf8').matchAll(/@import\s+(?:url\()?['"]([^'"]+)/g),
    ])
    .map(([, path = '']) =>
      path
        .split('/')
        .slice(0, path.startsWith('@') ? 2 : 1)
        .join('/'),
    )
}

describe('error codes', () => {
  const sources = files.map((path) => ({ path, source: readFileSync(ROOT + path, 'utf8') }))
  const union = /type \w*ErrorCode\s*=((?:\s*\|?\s*'[^']+'|\s*\|\s*\w+)+)/g
  const comment = /\/\*[\s\S]*?\*\/|\/\/.*/g
  const declared = sources.flatMap(({ path, source }) =>
    [...source.replace(comment, '').matchAll(union)].flatMap(([, members = '']) =>
      [...members.matchAll(/'([^']+)'/g)].map(([, code = '']) => ({ path, code })),
    ),
  )

  it('each is written in capitals and belongs to one union', () => {
    const owners = new Map<string, string[]>()
    for (const { path, code } of declared) owners.set(code, [...(owners.get(code) ?? []), path])
    expect([...owners.keys()].filter((code) => !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(code))).toEqual([])
    expect([...owners].filter(([, paths]) => paths.length > 1)).toEqual([])
  })

  it('each declared one is thrown somewhere', () => {
    const unused = declared.filter(
      ({ code }) => sources.reduce((sum, { source }) => sum + source.split(`'${code}'`).length - 1, 0) < 2,
    )
    expect(unused).toEqual([])
  })
})
