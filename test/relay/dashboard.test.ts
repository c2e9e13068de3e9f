import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createFixtures } from './fixtures.ts'

const fixtures = createFixtures()
afterEach(() => fixtures.stop())

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../relay/${name}`, import.meta.url)), 'utf8')

it('the dashboard and the alerts ask only for metrics that a relay has', async () => {
  const { relay } = await fixtures.relay()
  const metrics = await (await fetch(`${relay.httpUrl}metrics`)).text()
  const known = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
  const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
    panels: { targets: { expr: string }[] }[]
  }
  const alerts = parse(read('alerts.yaml')) as { groups: { rules: { expr: string }[] }[] }
  const expressions = [
    ...dashboard.panels.flatMap(({ targets }) => targets),
    ...alerts.groups.flatMap(({ rules }) => rules),
  ].map(({ expr }) => expr)
  expect(expressions.length).toBeGreaterThan(10)
  for (const expression of expressions) {
    const [name] = /(tabland_relay|process)_[a-z_]+/.exec(expression) ?? []
    expect(known).toContain(name)
  }
})
