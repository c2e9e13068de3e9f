import { describe, expect, it } from 'vitest'
import { createIdentityHolder, type OpenedIdentity } from '#api/identity-holder.ts'
import { fromHex } from '#core/bytes.ts'
import type { Identity } from '#core/identity.ts'

describe('the wallet', () => {
  it('shows its address as builds and links show it: with its checksum', async () => {
    // first example of EIP-55
    const neuron = fromHex('5aaeb6053f3e94c9b9a09f33669435e7ef1beaed')
    const identity = { neuron, device: { publicKey: new Uint8Array(32) } } as unknown as Identity
    const holder = createIdentityHolder(async () => ({ identity, burner: true, phrase: async () => '' }))
    await holder.get()
    expect(holder.state.value?.address).toBe('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')
  })

  it('is the one that was opened last, though an earlier opening ends later', async () => {
    const identityOf = (byte: number) =>
      ({
        neuron: new Uint8Array(20).fill(byte),
        device: { publicKey: new Uint8Array(32) },
      }) as unknown as Identity
    const openings: PromiseWithResolvers<OpenedIdentity>[] = []
    const holder = createIdentityHolder(() => {
      const next = Promise.withResolvers<OpenedIdentity>()
      openings.push(next)
      return next.promise
    })
    const before = holder.get()
    const after = holder.reopen()
    const phrase = async () => ''
    openings[1]?.resolve({ identity: identityOf(2), burner: false, phrase })
    await after
    openings[0]?.resolve({ identity: identityOf(1), burner: true, phrase })
    expect((await before).neuron[0]).toBe(2)
    expect(holder.state.value).toMatchObject({ burner: false, address: `0x${'02'.repeat(20)}` })
  })
})
