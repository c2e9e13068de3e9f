import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
import { createEd25519Verifier } from '#core/signatures.ts'
import { createDeviceKey, openDeviceKey } from '#peer/device-key.ts'

describe('[OB7] Device key of a profile', () => {
  it('[OB7] is made once, however many tabs open at the same moment, and signs', async () => {
    const database = 'device-once'
    const keys = await Promise.all([1, 2, 3].map(() => openDeviceKey({ database })))
    const again = await openDeviceKey({ database })
    for (const { publicKey } of keys) expect(publicKey).toEqual(again.publicKey)
    const message = Uint8Array.of(1, 2, 3)
    const signature = await keys[0]!.sign(message)
    expect(await createEd25519Verifier().verify(again.publicKey, signature, message)).toBe(true)
  })

  it('[OB7] cannot be extracted', async () => {
    const generate = vi.spyOn(crypto.subtle, 'generateKey')
    await openDeviceKey({ database: 'device-extract' })
    const pair = (await generate.mock.results[0]!.value) as CryptoKeyPair
    generate.mockRestore()
    expect(pair.privateKey.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('pkcs8', pair.privateKey)).rejects.toThrow()
  })

  it('[OB7] a browser without Ed25519 is told so', async () => {
    const generate = vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValue(new Error('NotSupportedError'))
    await expect(openDeviceKey({ database: 'device-none' })).rejects.toMatchObject({
      code: 'DEVICE_KEY_UNSUPPORTED',
      message: expect.stringContaining('Looking around works'),
    })
    generate.mockRestore()
  })

  it('a seed has 32 bytes', async () => {
    await expect(createDeviceKey(new Uint8Array(31))).rejects.toMatchObject({ code: 'DEVICE_KEY_SEED' })
  })
})
