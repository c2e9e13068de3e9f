// Plain JavaScript for any Node.js that runs modules: it must be able to say what is missing.
import { existsSync } from 'node:fs'
import { runsTypeScript } from '../../relay/cli/launch-plan.js'

/** Ends the process with a sentence unless this Node.js runs our TypeScript and the packages are installed. */
export function requireNode(command) {
  const modules = new URL('../../node_modules/', import.meta.url)
  if (!existsSync(new URL('vite/package.json', modules))) {
    fail(`The packages are not installed. Run \`npm ci\` first, then \`${command}\` again.`)
  }
  if (runsTypeScript(process.versions.node)) return
  const found = `This is Node.js ${process.versions.node}, but Tabland needs 24.`
  const own = ['node/bin/node', 'node/bin/node.exe'].some((path) => existsSync(new URL(path, modules)))
  if (own) fail(`${found} The right one is in node_modules: start by \`${command}\`, which finds it.`)
  fail(
    `${found} npm brings it along in the package \`node\`, whose install script did not run ` +
      '(is --ignore-scripts set?). Run `npm rebuild node --ignore-scripts=false`, or install Node.js 24.',
  )
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
