#!/usr/bin/env node
// The `tabland` command. Plain JavaScript that Node.js 18 understands; what it starts is TypeScript.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { planLaunch } from './launch-plan.js'

const BINARIES = ['node/bin/node', 'node/bin/node.exe'].map((path) =>
  fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url)),
)

const SELF = fileURLToPath(import.meta.url)

/** Runs this file again by another Node.js and becomes its shadow: same streams, signals and exit code. */
function runBy(path, flags) {
  const child = spawn(path, [...flags, SELF, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`Cannot start ${path}: ${error.message}. Run \`npm ci\` again.`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + constants.signals[signal])
  })
}

const plan = planLaunch({
  version: process.versions.node,
  binaries: BINARIES,
  exists: existsSync,
  command: process.argv[2],
  nodeOptions: [...process.execArgv, process.env.NODE_OPTIONS ?? ''],
  canReplace: typeof process.execve === 'function' && process.platform !== 'win32',
})
if (plan.kind === 'here') {
  const { main } = await import('./main.ts')
  await main(process.argv.slice(2))
} else if (plan.kind === 'replace') {
  const args = [process.execPath, ...process.execArgv, ...plan.flags, SELF, ...process.argv.slice(2)]
  process.execve(process.execPath, args, process.env)
} else if (plan.kind === 'spawn') {
  runBy(plan.path, plan.flags)
} else {
  console.error(plan.sentence)
  process.exitCode = 1
}
