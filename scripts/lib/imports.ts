import { parseSync } from 'vite'

/** What a module asks for, in the order of its text. */
export interface ModuleImports {
  /** specifiers of `import` and `export … from`; those erased by the compiler are in `types` */
  readonly statics: readonly string[]
  /** specifiers that only types come from */
  readonly types: readonly string[]
  /** literal specifiers of `import()` */
  readonly dynamics: readonly string[]
}

/** Reads the imports of a JavaScript or TypeScript module. @throws Error when it does not parse */
export function importsOf(path: string, source: string): ModuleImports {
  const { module, errors } = parseSync(path, source)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path} does not parse: ${error.message}`)
  const requests = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({ from: moduleRequest.value, entries })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((entry) =>
        entry.moduleRequest ? [{ from: entry.moduleRequest.value, entries: [entry] }] : [],
      ),
    ),
  ]
  const isTypeOnly = (entries: readonly { isType: boolean }[]) =>
    entries.length > 0 && entries.every(({ isType }) => isType)
  return {
    statics: unique(requests.filter(({ entries }) => !isTypeOnly(entries)).map(({ from }) => from)),
    types: unique(requests.filter(({ entries }) => isTypeOnly(entries)).map(({ from }) => from)),
    dynamics: unique(
      module.dynamicImports.flatMap(({ moduleRequest }) =>
        literal(source.slice(moduleRequest.start, moduleRequest.end)),
      ),
    ),
  }
}

function literal(text: string): string[] {
  const match = /^(['"`])([^'"`$]*)\1$/.exec(text.trim())
  return match?.[2] === undefined ? [] : [match[2]]
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)]
}
