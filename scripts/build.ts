// `npm run build`: the AssemblyScript modules, then the page into dist/. `--if-stale` skips it when nothing changed.
import { buildPage } from './lib/build-page.ts'
import { fingerprint, isBuildFresh, writeBuildStamp } from './lib/build-stamp.ts'
import { runNode } from './lib/root.ts'

async function build(): Promise<void> {
  const startedAt = performance.now()
  // Taken before: a file saved during the build makes the next start build again.
  const sources = await fingerprint()
  if ((await runNode('wasm/build.ts')) !== 0) throw new Error('The wasm modules did not build; see above.')
  await buildPage()
  await writeBuildStamp(sources)
  console.log(`Built the page in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`)
}

if (!(process.argv.includes('--if-stale') && (await isBuildFresh()))) await build()
