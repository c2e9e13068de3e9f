// `npm run build`: the AssemblyScript modules, then the page into dist/. `--if-stale` skips it when nothing changed.
import { buildPage } from './lib/build-page.ts'
import { fingerprint, isBuildFresh, PAGE, writeBuildStamp } from './lib/build-stamp.ts'
import { runNode } from './lib/root.ts'

async function build(sources: string): Promise<void> {
  const startedAt = performance.now()
  if ((await runNode('wasm/build.ts')) !== 0) throw new Error('The wasm modules did not build; see above.')
  const { hash } = await buildPage()
  await writeBuildStamp(PAGE, sources)
  console.log(`Built the page in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, hash ${hash}.`)
}

// Taken before: a file saved during the build makes the next start build again.
const sources = await fingerprint()
if (!(process.argv.includes('--if-stale') && (await isBuildFresh(PAGE, sources)))) await build(sources)
