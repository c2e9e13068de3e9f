// Plain JavaScript for any Node.js that runs modules: it must be able to say what is missing.
import { existsSync } from 'node:fs'

/** Node.js runs our TypeScript as it is from this version on. */
const WANTED_MAJOR = 24

/** Ends the process with a sentence unless this is Node.js 24 or newer and the packages are installed. */
export function requireNode(command) {
  const modules = new URL('../../node_modules/', import.meta.url)
  if (!existsSync(new URL('vite/package.json', modules))) {
    fail(`The packages are not installed. Run \`npm ci\` first, then \`${command}\` again.`)
  }
  const major = Number(process.versions.node.split('.')[0])
  if (major >= WANTED_MAJOR) return
  const found = `This is Node.js ${process.versions.node}, but Tabland needs ${WANTED_MAJOR}.`
  const own = ['node/bin/node', 'node/bin/node.exe'].some((path) => existsSync(new URL(path, modules)))
  if (own) fail(`${found} The right one is in node_modules: start by \`${command}\`, which finds it.`)
  fail(
    `${found} npm brings it along in the package \`node\`, whose install script did not run ` +
      `(is --ignore-scripts set?). Run \`npm rebuild node --ignore-scripts=false\`, or install Node.js ` +
      `${WANTED_MAJOR} or newer.`,
  )
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
