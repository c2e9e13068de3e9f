// `npm start` and `npm run dev`. Plain JavaScript until the right Node.js is certain.
import { requireNode } from './lib/require-node.js'

requireNode('npm start')
const { start } = await import('./lib/start.ts')
await start(process.argv.slice(2))
