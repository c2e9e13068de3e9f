import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { RELAY_OPTIONS } from '#relay/config.ts'
import { environmentName } from '#relay/option-sources.ts'
import { parseDuration } from '#relay/option-types.ts'
import { optionsTable } from '../../scripts/lib/options-table.ts'

const pathOf = (name: string) => fileURLToPath(new URL(`../../relay/${name}`, import.meta.url))
const read = (name: string) => readFileSync(pathOf(name), 'utf8')
const flags = Object.values(RELAY_OPTIONS).map(({ flag }) => flag)

/** Seconds of `20s`. */
const seconds = (text: unknown) =>
  (parseDuration({ minMs: 0, maxMs: 86_400_000 }).parse(String(text)) ?? Number.NaN) / 1_000
const drainSeconds = seconds(RELAY_OPTIONS.drainMs.default)
/** [RE1] */
const STOP_SECONDS = 2

describe('[RE1] what surrounds the relay keeps up with its options', () => {
  it.each(['Dockerfile', 'compose.yaml', 'compose.fleet.yaml', 'kubernetes.yaml', 'tabland-relay.service'])(
    '%s sets only variables that exist',
    (name) => {
      const known = new Set(['config', ...flags].map(environmentName))
      const used = read(name).match(/TABLAND_[A-Z_]+/g) ?? []
      expect(used.length).toBeGreaterThan(0)
      // "TABLAND_…" in a comment stands for any.
      expect(used.filter((variable) => variable !== 'TABLAND_' && !known.has(variable))).toEqual([])
    },
  )

  it('README.md has the table of options as it is generated', () => {
    expect(read('README.md')).toContain(`<!-- options -->\n\n${optionsTable()}\n\n<!-- /options -->`)
  })
})

interface ComposeService {
  readonly stop_grace_period?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly read_only?: boolean
  readonly build?: { readonly context: string; readonly dockerfile: string }
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const compose = (name: string) => parse(read(name), { merge: true, strict: true }) as ComposeFile

describe('[RE8] compose files', () => {
  it.each(['compose.yaml', 'compose.fleet.yaml'])(
    '%s lets every relay drain, and names its volumes',
    (name) => {
      const { services, volumes } = compose(name)
      const relays = Object.values(services).filter(({ build }) => build !== undefined)
      expect(relays.length).toBe(name === 'compose.yaml' ? 1 : 3)
      for (const { stop_grace_period, read_only, build } of relays) {
        expect(seconds(stop_grace_period)).toBeGreaterThan(drainSeconds + STOP_SECONDS)
        expect(read_only).toBe(true)
        expect(build).toEqual({ context: '..', dockerfile: 'relay/Dockerfile' })
      }
      const mounted = Object.values(services).flatMap((service) => service.volumes ?? [])
      expect(mounted.map((mount) => mount.split(':')[0]).sort()).toEqual(Object.keys(volumes).sort())
    },
  )

  it('the fleet announces an address of its own for each relay, which the proxy leads there', () => {
    const text = read('compose.fleet.yaml')
    const { services } = compose('compose.fleet.yaml')
    for (const n of [1, 2, 3]) {
      const announced = services[`relay-${n}`]?.environment?.TABLAND_ANNOUNCE
      expect(announced).toBe(`/dns4/\${DOMAIN}/tcp/443${n}/tls/ws`)
      expect(services.proxy?.ports).toContain(`443${n}:443${n}`)
      expect(text).toMatch(new RegExp(`\\$\\{DOMAIN\\}:443${n} \\{\\s+reverse_proxy relay-${n}:8080`))
    }
  })

  it('the Dockerfile checks health, drops root and lets SIGTERM through', () => {
    const lines = read('Dockerfile').split('\n')
    const instructions = lines.filter((line) => /^[A-Z]+ /.test(line)).map((line) => line.split(' ')[0])
    const known = 'FROM WORKDIR COPY RUN ENV USER VOLUME EXPOSE HEALTHCHECK CMD'.split(' ')
    expect(instructions.filter((name) => !known.includes(String(name)))).toEqual([])
    expect(instructions.slice(-1)).toEqual(['CMD'])
    expect(lines.some((line) => line.startsWith('CMD ["node"'))).toBe(true)
    expect(instructions.indexOf('USER')).toBeLessThan(instructions.indexOf('HEALTHCHECK'))
  })
})

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: Record<string, unknown>
}

describe('[RE8] the Kubernetes manifest', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml'))
  const manifests = documents.map((document) => document.toJS() as Manifest)
  const byKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)

  it('is valid YAML, each document with its version, kind and name', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([])
    const VERSIONS: Readonly<Record<string, string>> = {
      Service: 'v1',
      StatefulSet: 'apps/v1',
      PodDisruptionBudget: 'policy/v1',
      Ingress: 'networking.k8s.io/v1',
    }
    for (const { apiVersion, kind, metadata, spec } of manifests) {
      expect(apiVersion).toBe(VERSIONS[kind])
      expect(metadata.name).toMatch(/^[a-z0-9-]+$/)
      expect(spec).toBeTypeOf('object')
    }
  })

  it('gives a relay time to drain, and takes one at a time', () => {
    const [set] = byKind('StatefulSet') as [Manifest]
    const pod = (set.spec.template as { spec: Record<string, unknown> }).spec
    const [container] = pod.containers as {
      env: { name: string; value?: string }[]
      ports: { name: string; containerPort: number }[]
      readinessProbe: { httpGet: { path: string; port: string } }
      livenessProbe: { tcpSocket: { port: string } }
    }[]
    const drain = container?.env.find(({ name }) => name === 'TABLAND_DRAIN_TIME')?.value
    const preStopSeconds = 3
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(seconds(drain) + preStopSeconds + STOP_SECONDS)
    expect(container?.readinessProbe.httpGet).toEqual({ path: '/healthz', port: 'http' })
    expect(container?.livenessProbe).toMatchObject({ tcpSocket: { port: 'http' } })
    expect(container?.ports.map(({ containerPort }) => containerPort)).toEqual([8080, 8080])
    expect(byKind('PodDisruptionBudget')[0]?.spec.maxUnavailable).toBe(1)
    expect(set.spec.volumeClaimTemplates).toHaveLength(1)
  })

  it('its ingress leads only to services that exist, one for each relay', () => {
    const names = byKind('Service').map(({ metadata }) => metadata.name)
    const backends = [...JSON.stringify(byKind('Ingress')).matchAll(/"service":\{"name":"([^"]+)"/g)]
    expect(backends.map(([, name]) => name).sort()).toEqual([
      'tabland-0',
      'tabland-1',
      'tabland-2',
      'tabland-page',
    ])
    for (const [, name] of backends) expect(names).toContain(name)
  })
})

describe('the systemd unit', () => {
  it('gives the relay time to drain', () => {
    const [, timeout] = /^TimeoutStopSec=(\d+)$/m.exec(read('tabland-relay.service')) ?? []
    expect(Number(timeout)).toBeGreaterThan(drainSeconds + STOP_SECONDS)
  })

  it('passes systemd-analyze verify', ({ skip }) => {
    const probe = spawnSync('systemd-analyze', ['--version'])
    if (probe.status !== 0) skip('not run here: there is no systemd-analyze')
    const { stderr } = spawnSync('systemd-analyze', ['verify', pathOf('tabland-relay.service')], {
      encoding: 'utf8',
    })
    // The command stands in /opt/tabland on the machine that it is for.
    const complaints = stderr.split('\n').filter((line) => /tabland-relay\.service/.test(line))
    expect(complaints.filter((line) => !/is not executable: No such file/.test(line))).toEqual([])
  })
})
