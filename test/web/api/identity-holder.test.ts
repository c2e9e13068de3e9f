import { describe, expect, it } from 'vitest'
import { createIdentityHolder } from '#api/identity-holder.ts'
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
})
