import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { get as getSecure } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startRecordServices } from '#relay/record-services.ts'
import { makeCertificate, writeCertificate } from '#test/fakes/certificates.ts'
import { createFixtures } from './fixtures.ts'

const fixtures = createFixtures()
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-dashboard-'))
})
afterEach(async () => {
  await fixtures.stop()
  await rm(folder, { recursive: true, force: true })
})

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../relay/${name}`, import.meta.url)), 'utf8')

/** The names that a relay with all that it can have tells, and its whole text. */
async function allMetrics() {
  const { cert, key } = await writeCertificate(folder, await makeCertificate())
  const { relay } = await fixtures.relay(['--tls-cert', cert, '--tls-key', key, '--sample'], {
    services: startRecordServices,
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    getSecure(`${relay.httpUrl}metrics`, { rejectUnauthorized: false }, resolve).on('error', reject)
  })
  const whole = await text(response)
  return { whole, names: [...whole.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name as string) }
}

it('the dashboard, the alerts and the README name the metrics that a relay has', async () => {
  const { whole, names } = await allMetrics()
  const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
    panels: { targets: { expr: string }[] }[]
  }
  const alerts = parse(read('alerts.yaml')) as { groups: { rules: { expr: string }[] }[] }
  const expressions = [
    ...dashboard.panels.flatMap(({ targets }) => targets),
    ...alerts.groups.flatMap(({ rules }) => rules),
  ].map(({ expr }) => expr)
  const asked = expressions.map(
    (expression) => /(tabland_relay|process|nodejs)_[a-z_]+/.exec(expression)?.[0] ?? expression,
  )
  expect(asked.length).toBeGreaterThan(30)
  expect(asked.filter((name) => !names.includes(name))).toEqual([])
  const listed = /\n## Metrics\n([\s\S]*?)\n## /.exec(read('README.md'))?.[1] ?? ''
  const short = names.map((name) => name.replace(/^tabland_relay_/, ''))
  expect(short.filter((name) => !listed.includes(`\`${name}`))).toEqual([])
  // The sample world is held, and a certificate of 90 days ends within them.
  expect(whole).toMatch(/^tabland_relay_links [1-9]\d{3,}$/m)
  expect(whole).toMatch(/^tabland_relay_texts [1-9]\d{3,}$/m)
  expect(whole).toMatch(/^tabland_relay_placements [1-9]\d$/m)
  const [, ends] = /^tabland_relay_certificate_expiry_seconds (\S+)$/m.exec(whole) ?? []
  expect(Number(ends) - Date.now() / 1_000).toBeGreaterThan(89 * 86_400)
  // No label names a peer or an address.
  expect(whole).not.toMatch(/12D3KooW|127\.0\.0\.1/)
})
