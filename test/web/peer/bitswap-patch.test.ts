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

interface FakeWant {
  readonly cid: Uint8Array
  readonly priority: number
  readonly wantType: string
  readonly sendDontHave: boolean
  readonly cancel?: boolean
}

describe('patched @helia/bitswap: what a peer is sent', () => {
  const MIB = 1024 * 1024

  /** A ledger of 12 blocks of 1 MiB, and what its network was given to send. */
  async function setup() {
    const { Ledger } = await import(`${SOURCE.replace('utils', 'peer-want-lists')}/ledger.js`)
    const { CID } = await import('multiformats/cid')
    const { sha256 } = await import('multiformats/hashes/sha2')
    const blocks = new Map<string, Uint8Array>()
    const wants: FakeWant[] = []
    for (let i = 0; i < 12; i++) {
      const bytes = new Uint8Array(MIB).fill(i)
      const cid = CID.createV1(0x55, await sha256.digest(bytes))
      blocks.set(cid.toString(), bytes)
      wants.push({ cid: cid.bytes, priority: 1, wantType: 'WantBlock', sendDontHave: true })
    }
    const messages: { blocks: number; absent: number }[] = []
    const damaged = new Set<string>()
    const log = Object.assign(() => {}, { error: () => {} })
    const waiters: (() => void)[] = []
    let held = false
    const ledger = new Ledger(
      {
        peerId: 'peer',
        logger: { forComponent: () => log },
        blockstore: {
          has: async (cid: { toString(): string }) => blocks.has(cid.toString()),
          async *get(cid: { toString(): string }) {
            if (damaged.has(cid.toString())) throw new Error('damaged')
            yield blocks.get(cid.toString())
          },
        },
        network: {
          async sendMessage(
            _: unknown,
            message: { blocks: Map<string, unknown>; blockPresences: Map<string, unknown> },
          ) {
            messages.push({ blocks: message.blocks.size, absent: message.blockPresences.size })
            if (held) await new Promise<void>((resolve) => waiters.push(resolve))
          },
        },
      },
      {},
    )
    return {
      wants,
      messages,
      damaged,
      receive: (entries: readonly FakeWant[]) =>
        ledger.queueSendOperation({ blocks: [], wantlist: { entries } }),
      idle: () => ledger.sendQueue.onIdle(),
      hold() {
        held = true
      },
      release() {
        held = false
        for (const resolve of waiters.splice(0)) resolve()
      },
      textOf: ({ cid }: FakeWant) => CID.decode(cid).toString(),
    }
  }

  it('is read 4 MiB at a time, whatever it wants at once', async () => {
    const { wants, messages, receive, idle } = await setup()
    receive(wants)
    await idle()
    expect(messages.map(({ blocks }) => blocks)).toEqual([4, 4, 4])
  })

  it('is nothing that it has taken back meanwhile', async () => {
    const { wants, messages, receive, idle, hold, release } = await setup()
    hold()
    receive(wants)
    await expect.poll(() => messages.length).toBe(1)
    receive(wants.slice(4, 10).map((want) => ({ ...want, cancel: true })))
    release()
    await idle()
    expect(messages.map(({ blocks }) => blocks)).toEqual([4, 2])
  })

  it('lacks a block that cannot be read, and no other', async () => {
    const { wants, messages, damaged, textOf, receive, idle } = await setup()
    damaged.add(textOf(wants[1] as FakeWant))
    receive(wants.slice(0, 3))
    await idle()
    expect(messages).toEqual([{ blocks: 2, absent: 1 }])
  })
})
