import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadTlsFiles, type TlsMaterial, type TlsPaths, watchTlsFiles } from '#relay/tls-files.ts'
import { type FakeCertificate, makeCertificate, writeCertificate } from '#test/fakes/certificates.ts'

let dir: string
let good: FakeCertificate
let paths: TlsPaths

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tabland-tls-'))
  good = await makeCertificate({
    names: [
      { type: 'dns', value: 'relay.example' },
      { type: 'dns', value: '*.relay.example' },
      { type: 'ip', value: '127.0.0.1' },
    ],
  })
  paths = await writeCertificate(dir, good)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'TLS_FILES', message: expect.stringMatching(message) })

describe('[RE2] certificate files', () => {
  it('tell their names and their end', async () => {
    const material = await loadTlsFiles(paths, Date.now)
    expect(material).toMatchObject({ ...good, names: ['relay.example'] })
    expect(Math.round((material.expiresAt - Date.now()) / 86_400_000)).toBe(90)
  })

  it('that are absent, folders or too long are refused', async () => {
    await expect(loadTlsFiles({ ...paths, cert: join(dir, 'no.pem') }, Date.now)).rejects.toEqual(
      refusal(/Cannot read .*no\.pem: there is no such file/),
    )
    await expect(loadTlsFiles({ ...paths, key: dir }, Date.now)).rejects.toEqual(refusal(/EISDIR/))
    const long = join(dir, 'long.pem')
    await writeFile(long, 'x'.repeat(200_000))
    await expect(loadTlsFiles({ ...paths, cert: long }, Date.now)).rejects.toEqual(
      refusal(/more than 131072 bytes/),
    )
  })

  it('that are no certificate or no key are refused', async () => {
    await expect(loadTlsFiles({ ...paths, cert: paths.key }, Date.now)).rejects.toEqual(
      refusal(/key\.pem holds no certificate in PEM form/),
    )
    await expect(loadTlsFiles({ ...paths, key: paths.cert }, Date.now)).rejects.toEqual(
      refusal(/cert\.pem holds no private key in PEM form/),
    )
  })

  it('that do not belong together are refused', async () => {
    const other = await makeCertificate()
    const key = join(dir, 'other.pem')
    await writeFile(key, other.key)
    await expect(loadTlsFiles({ ...paths, key }, Date.now)).rejects.toEqual(
      refusal(/other\.pem does not belong to the certificate/),
    )
  })

  it('that are over or not begun yet are refused', async () => {
    const later = () => Date.now() + 91 * 86_400_000
    const earlier = () => Date.now() - 2 * 86_400_000
    await expect(loadTlsFiles(paths, later)).rejects.toEqual(refusal(/expired on .*: renew it/))
    await expect(loadTlsFiles(paths, earlier)).rejects.toEqual(refusal(/not valid before .*clock/))
  })
})

describe('[RE2] renewed certificate files', () => {
  it('are told of; a half written pair is refused with a sentence and read when it is whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tabland-tls-'))
    const watched = await writeCertificate(folder, good)
    const next = await makeCertificate({ names: [{ type: 'dns', value: 'next.example' }] })
    const problem = Promise.withResolvers<string>()
    const change = Promise.withResolvers<TlsMaterial>()
    const stop = watchTlsFiles({
      paths: watched,
      now: Date.now,
      intervalMs: 20,
      onProblem: problem.resolve,
      onChange: change.resolve,
    })
    await writeFile(watched.cert, next.cert)
    expect(await problem.promise).toMatch(/does not belong .* The certificate from before stays in use/)
    await writeFile(watched.key, next.key)
    expect((await change.promise).names).toEqual(['next.example'])
    stop()
    await rm(folder, { recursive: true, force: true })
  })
})
