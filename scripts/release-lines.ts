// `node scripts/release-lines.ts >> releases.sha256`, after `npm run build:single` and `npm run build` of a release.
import { join } from 'node:path'
import { readOwnFile, readOwnList } from '#relay/verify/own-build.ts'
import { formatRelease } from '#relay/verify/release-list.ts'
import pack from '../package.json' with { type: 'json' }
import { ROOT } from './lib/root.ts'

const folder = join(ROOT, 'dist')
const [page, file] = [await readOwnList(folder), await readOwnFile(folder)]
if (page === undefined || file === undefined) {
  throw new Error('dist/ holds no page or no tabland.html: build both (npm run build, npm run build:single).')
}
const { version } = pack
process.stdout.write(formatRelease({ version, kind: 'page', hash: page.hash }))
process.stdout.write(formatRelease({ version, kind: 'file', hash: file }))
