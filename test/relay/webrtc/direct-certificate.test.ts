import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadOrCreateDirectCertificate } from '#relay/webrtc/direct-certificate.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-direct-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('[RE2] the certificate of WebRTC Direct', () => {
  it('is made once and kept for its owner alone, so that the address stays', async () => {
    const made = await loadOrCreateDirectCertificate(folder)
    const certificate = new X509Certificate(made.pem)
    // multibase base64url, multihash sha2-256 of 32 bytes
    const digest = createHash('sha256').update(certificate.raw).digest()
    expect(made.certhash).toBe(`u${Buffer.concat([Buffer.from([0x12, 32]), digest]).toString('base64url')}`)
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 10 * 365 * 86_400_000)
    expect(await loadOrCreateDirectCertificate(folder)).toEqual(made)
    expect((await stat(join(folder, 'webrtc-direct.pem'))).mode & 0o077).toBe(0)
  })

  it('is not replaced silently when its file is damaged', async () => {
    await loadOrCreateDirectCertificate(folder)
    const path = join(folder, 'webrtc-direct.pem')
    const text = await readFile(path, 'utf8')
    for (const damaged of ['', text.slice(0, 300), text.replace(/[A-Z]/, (letter) => letter.toLowerCase())]) {
      await writeFile(path, damaged)
      await expect(loadOrCreateDirectCertificate(folder)).rejects.toMatchObject({ code: 'KEY_FILE_INVALID' })
    }
  })

  it('needs a folder that can be written', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(loadOrCreateDirectCertificate(join(folder, 'file'))).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
    })
  })
})
