// `npm run contracts`: writes the ABIs and the bytecode of contracts-abi/src, and removes those of contracts that are gone.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { compileContracts } from './compile.ts'
import { GENERATED_MARK, generateFiles } from './generate.ts'

const FOLDER = new URL('./', import.meta.url)

const contracts = await compileContracts()
const files = generateFiles(contracts)
mkdirSync(new URL('bytecode/', FOLDER), { recursive: true })
for (const [path, text] of files) writeFileSync(new URL(path, FOLDER), text)
for (const path of generatedFiles()) if (!files.has(path)) rmSync(new URL(path, FOLDER))
for (const { name, deployedBytes } of contracts) {
  console.log(`${name.padEnd(24)} ${String(deployedBytes).padStart(6)} bytes`)
}

function generatedFiles(): string[] {
  return ['', 'bytecode/'].flatMap((folder) =>
    readdirSync(new URL(`./${folder}`, FOLDER))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => folder + name)
      .filter((path) => readFileSync(new URL(path, FOLDER), 'utf8').startsWith(GENERATED_MARK)),
  )
}
