// `npm run bench [NAME…]`: runs every file of test/bench one after the other, or those whose names begin so.
import { readdir } from 'node:fs/promises'
import { arch, cpus, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT, runNode } from './lib/root.ts'

const FOLDER = 'test/bench'

async function main(names: readonly string[]): Promise<number> {
  const files = (await readdir(join(ROOT, FOLDER))).filter((name) => name.endsWith('.ts')).sort()
  const chosen =
    names.length === 0 ? files : files.filter((file) => names.some((name) => file.startsWith(name)))
  if (chosen.length === 0) {
    console.error(`No benchmark is called ${names.join(' or ')}. There are: ${files.join(', ')}.`)
    return 1
  }
  if ((await runNode('scripts/build.ts', ['--if-stale'])) !== 0) return 1
  const memoryGib = Math.round(totalmem() / 2 ** 30)
  console.log(
    `Machine: ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${memoryGib} GiB, ` +
      `${platform()} ${arch()}, Node.js ${process.versions.node}`,
  )
  let failed = 0
  for (const file of chosen) {
    console.log(`\n── ${file}`)
    if ((await runNode(`${FOLDER}/${file}`)) !== 0) {
      failed += 1
      console.error(`${file} failed.`)
    }
  }
  return failed === 0 ? 0 : 1
}

process.exit(await main(process.argv.slice(2)))
