import { createHash, X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { makeCertificate, writeCertificate } from '#test/fakes/certificates.ts'
import { launchProfile, openPage } from './harness/chromium.ts'
import { createCommands } from './harness/command.ts'
import { startRelay } from './harness/relay.ts'

declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-tls-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a relay with a certificate', () => {
  test('[RE2] its page joins by wss in a browser that trusts it, and a process fetches from the tab', async () => {
    const certificate = await makeCertificate({ names: [{ type: 'ip', value: '127.0.0.1' }] })
    const { cert, key } = await writeCertificate(folder, certificate)
    const secure = await startRelay({ args: ['--tls-cert', cert, '--tls-key', key] })
    // this one key is trusted and no other: all else is as with an authority's certificate
    const spki = new X509Certificate(certificate.cert).publicKey.export({ type: 'spki', format: 'der' })
    const pin = createHash('sha256').update(spki).digest('base64')
    const browser = await launchProfile(undefined, { args: [`--ignore-certificate-errors-spki-list=${pin}`] })
    try {
      const { page, logs } = await openPage(browser, `${secure.url}/?world=off`)
      await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
      const { origin, relays, worker, cid } = await page.evaluate(async () => ({
        origin: location.origin,
        relays: tabland.state.network.value.relays,
        worker: (await navigator.serviceWorker.ready).active?.scriptURL,
        cid: (await tabland.add(new TextEncoder().encode('by wss'), { name: 'note.txt' })).cid,
      }))
      expect(origin).toBe(`https://127.0.0.1:${secure.port}`)
      expect(relays).toMatchObject([{ status: 'reserved' }])
      expect(relays[0]?.address).toContain(`/ip4/127.0.0.1/tcp/${secure.port}/tls/ws/p2p/`)
      expect(worker).toBe(`${origin}/sw.js`)
      const trust = { NODE_EXTRA_CA_CERTS: cert }
      const fetched = await createCommands(folder).run(['cat', cid, '--relay', secure.url], {
        profile: 'secure',
        env: trust,
      })
      expect(fetched.stdout.toString(), fetched.stderr + logs.join('\n')).toBe('by wss')
    } finally {
      await browser.close()
      await secure.stop()
    }
  })
})
