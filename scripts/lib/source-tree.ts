import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { importsOf } from './imports.ts'
import { ROOT } from './root.ts'

/** One import statement, resolved as far as this project's own files go. */
export interface ImportEdge {
  /** file that imports, from the project's folder */
  readonly from: string
  readonly specifier: string
  /** the imported file of this project; undefined for packages and Node.js modules */
  readonly to: string | undefined
  /** npm name of the imported package, `node:…` for a Node.js module; undefined for own files */
  readonly package: string | undefined
  /** `type`: erased by the compiler; `url`: a worker or asset by `new URL(…, import.meta.url)` */
  readonly kind: 'static' | 'type' | 'dynamic' | 'url'
}

const SOURCE = /\.(ts|tsx|js|mjs)$/
const URL_IMPORT = /new URL\(\s*(['"`])(\.[^'"`$]+)\1\s*,\s*import\.meta\.url/g

/** Source files under `folders`, sorted. AssemblyScript has its own module rules and is left out. */
export function sourceFiles(folders: readonly string[]): string[] {
  return folders
    .flatMap(filesUnder)
    .filter((path) => !path.startsWith('wasm/assembly/'))
    .sort()
}

/** A folder of the layout that has no file yet is not in a clone. */
function filesUnder(folder: string): string[] {
  if (!existsSync(ROOT + folder)) return []
  return readdirSync(ROOT + folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => posix.relative(ROOT, posix.join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|\/)(build|node_modules)\//.test(path))
}

/** Every import of `files`, in order. */
export function importEdges(files: readonly string[]): ImportEdge[] {
  const aliases = readAliases()
  return files.flatMap((from) => {
    const source = readFileSync(ROOT + from, 'utf8')
    const { statics, types, dynamics } = importsOf(from, source)
    const urls = [...source.matchAll(URL_IMPORT)]
      .map(([, , path = '']) => path)
      .filter((path) => SOURCE.test(path))
    const edges = (kind: ImportEdge['kind'], specifiers: readonly string[]) =>
      specifiers.map((specifier) => ({ from, specifier, kind, ...resolve(from, specifier, aliases) }))
    return [
      ...edges('static', statics),
      ...edges('type', types),
      ...edges('dynamic', dynamics),
      ...edges('url', urls),
    ]
  })
}

/** `#core/` → `web/core/` and so on, from the `imports` of package.json. */
function readAliases(): ReadonlyMap<string, string> {
  const { imports } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    imports: Record<string, string>
  }
  return new Map(
    Object.entries(imports).map(([alias, path]) => [alias.replace('*', ''), path.replace(/^\.\/|\*$/g, '')]),
  )
}

function resolve(
  from: string,
  specifier: string,
  aliases: ReadonlyMap<string, string>,
): Pick<ImportEdge, 'to' | 'package'> {
  const path = specifier.replace(/\?.*$/, '')
  if (path.startsWith('.')) return { to: posix.join(posix.dirname(from), path), package: undefined }
  for (const [alias, folder] of aliases) {
    if (path.startsWith(alias)) return { to: folder + path.slice(alias.length), package: undefined }
  }
  const scoped = path.split('/').slice(0, path.startsWith('@') ? 2 : 1)
  return { to: undefined, package: scoped.join('/') }
}
