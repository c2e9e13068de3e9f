import { describe, expect, it } from 'vitest'

/** Not exported by the package: imported by path. What fails without patches/@helia+bitswap: see docs/upstream.md. */
const SOURCE = '../../../node_modules/@helia/bitswap/dist/src/utils'

describe('patched @helia/bitswap', () => {
  it('sends a block that is larger than a message on its own, and ends', async () => {
    const { splitMessage } = await import(`${SOURCE}/split-message.js`)
    const { QueuedBitswapMessage } = await import(`${SOURCE}/bitswap-message.js`)
    const { CID } = await import('multiformats/cid')
    const message = new QueuedBitswapMessage()
    const cid = CID.parse('QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n')
    const other = CID.parse('QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR')
    const prefix = new Uint8Array(4)
    message.addBlock(cid, { data: new Uint8Array(1_000_000), prefix })
    message.addBlock(other, { data: new Uint8Array(100), prefix })
    const parts: Uint8Array[] = []
    for (const part of splitMessage(message, 512 * 1024)) {
      parts.push(part)
      if (parts.length > 10) break
    }
    expect(parts).toHaveLength(2)
    expect(parts[0]?.length).toBeGreaterThan(1_000_000)
  })
})
