import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LaunchSituation } from '#relay/cli/launch-plan.d.ts'
import { planLaunch, runsTypeScript } from '#relay/cli/launch-plan.js'
import { finishCli, startCli } from './run-cli.ts'

describe('runsTypeScript', () => {
  it.each([
    ['18.20.4', false],
    ['20.20.2', false],
    ['22.17.1', false],
    ['22.18.0', true],
    ['23.5.0', false],
    ['23.6.0', true],
    ['24.0.0', true],
    ['26.1.0', true],
  ])('Node.js %s: %s', (version, expected) => {
    expect(runsTypeScript(version)).toBe(expected)
  })
})

describe('planLaunch', () => {
  const binaries = ['/app/node_modules/node/bin/node', '/app/node_modules/node/bin/node.exe']

  const plan = (situation: Partial<LaunchSituation>) =>
    planLaunch({
      version: '24.1.0',
      binaries,
      exists: () => true,
      command: 'cid',
      nodeOptions: [''],
      canReplace: true,
      ...situation,
    })

  it('stays in a Node.js that is new enough', () => {
    expect(plan({ exists: () => false })).toEqual({ kind: 'here' })
  })

  it('[RE1] what runs for long takes little space for short-lived objects', () => {
    const flags = ['--max-semi-space-size=4']
    expect(plan({ command: 'relay' })).toEqual({ kind: 'replace', flags })
    expect(plan({ command: 'seed' })).toEqual({ kind: 'replace', flags })
    expect(plan({ command: 'relay', version: '20.1.0' })).toEqual({ kind: 'spawn', path: binaries[0], flags })
  })

  it('leaves it where it was set, or where nothing can take the place of a process', () => {
    expect(plan({ command: 'relay', nodeOptions: ['--max-semi-space-size=64', ''] })).toEqual({
      kind: 'here',
    })
    expect(plan({ command: 'relay', nodeOptions: ['-r x --max-semi-space-size=4'] })).toEqual({
      kind: 'here',
    })
    expect(plan({ command: 'relay', canReplace: false })).toEqual({ kind: 'here' })
  })

  it('goes on in the binary of the node package', () => {
    expect(plan({ version: '20.1.0' })).toEqual({ kind: 'spawn', path: binaries[0], flags: [] })
    expect(plan({ version: '20.1.0', exists: (path) => path.endsWith('.exe') })).toEqual({
      kind: 'spawn',
      path: binaries[1],
      flags: [],
    })
  })

  it('says what to do when there is neither', () => {
    expect(plan({ version: '18.0.0', exists: () => false })).toMatchInlineSnapshot(`
      {
        "kind": "refuse",
        "sentence": "Tabland needs Node.js 22.18 or newer, this is 18.0.0: run \`npm ci\` in its folder, which brings one along, or install Node.js 24.",
      }
    `)
  })
})

/** An older Node.js of this machine, which the packages came beside. */
function findOldNode(): string | undefined {
  return ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
    if (!existsSync(path)) return false
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().slice(1)
    return !runsTypeScript(version)
  })
}

const oldNode = findOldNode()

describe.runIf(oldNode !== undefined)('tabland by an older Node.js', () => {
  it('has the same output and exit code', async () => {
    const good = await finishCli(startCli(['cid', 'moon'], oldNode))
    expect(good).toEqual({ code: 0, stdout: expect.stringMatching(/^Qm\w{44}\n$/), stderr: '' })
    const bad = await finishCli(startCli(['moon'], oldNode))
    expect(bad).toMatchObject({ code: 2, stdout: '' })
  })
})
