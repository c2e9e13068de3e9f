/** What tests reached of one source. */
export interface FileCoverage {
  readonly path: string
  readonly lines: Count
  readonly functions: Count
}

export interface Count {
  readonly hit: number
  readonly all: number
}

/** Reads an lcov report: records of files, each with the sums of its lines and functions. */
export function parseLcov(text: string): readonly FileCoverage[] {
  return text
    .split('end_of_record')
    .filter((record) => record.includes('SF:'))
    .map((record) => {
      const value = (key: string): string => new RegExp(`^${key}:(.*)$`, 'm').exec(record)?.[1]?.trim() ?? ''
      const count = (kind: 'L' | 'FN'): Count => ({
        hit: Number(value(`${kind}H`)),
        all: Number(value(`${kind}F`)),
      })
      return { path: value('SF'), lines: count('L'), functions: count('FN') }
    })
}

/** All lines together. */
export function sumLines(files: readonly FileCoverage[]): Count {
  return files.reduce((sum, { lines }) => add(sum, lines), { hit: 0, all: 0 })
}

/** In percent; a source without lines is covered. */
export function percentOf({ hit, all }: Count): number {
  return all === 0 ? 100 : (100 * hit) / all
}

/** A table of files, least covered first, and their sum. */
export function formatCoverage(files: readonly FileCoverage[]): string {
  const width = Math.max(5, ...files.map(({ path }) => path.length))
  const row = (name: string, lines: string, functions: string): string =>
    `${name.padEnd(width)}  ${lines.padStart(17)}  ${functions.padStart(17)}`
  const cell = (count: Count): string =>
    `${percentOf(count).toFixed(1)} % ${`${count.hit}/${count.all}`.padStart(9)}`
  const functions = files.reduce((sum, file) => add(sum, file.functions), { hit: 0, all: 0 })
  return [
    row('', 'lines', 'functions'),
    ...files
      .toSorted((a, b) => percentOf(a.lines) - percentOf(b.lines))
      .map((file) => row(file.path, cell(file.lines), cell(file.functions))),
    row('all', cell(sumLines(files)), cell(functions)),
  ].join('\n')
}

function add(a: Count, b: Count): Count {
  return { hit: a.hit + b.hit, all: a.all + b.all }
}
