// `node scripts/options-table.ts`: writes the table of the relay's options into relay/README.md.
import { readFile, writeFile } from 'node:fs/promises'
import { optionsTable } from './lib/options-table.ts'
import { ROOT } from './lib/root.ts'

const path = `${ROOT}relay/README.md`
const text = await readFile(path, 'utf8')
const marked = /(<!-- options -->).*?(<!-- \/options -->)/s
if (!marked.test(text)) throw new Error(`${path} has no <!-- options --> … <!-- /options --> to fill.`)
await writeFile(path, text.replace(marked, `$1\n\n${optionsTable()}\n\n$2`))
