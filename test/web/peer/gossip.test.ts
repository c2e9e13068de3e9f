import { generateKeyPair } from '@libp2p/crypto/keys'
import { type GossipSub, type Message, TopicValidatorResult } from '@libp2p/gossipsub'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { MAX_GOSSIP_BYTES } from '#core/limits.ts'
import type { GossipMessage, Verdict } from '#core/transport.ts'
import { createGossip } from '#peer/gossip.ts'

const newPeer = async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

function start(handler: (message: GossipMessage) => Promise<Verdict>) {
  const topicValidators: GossipSub['topicValidators'] = new Map()
  const gossip = createGossip({
    topicValidators,
    subscribe: () => {},
    unsubscribe: () => {},
    publish: async () => ({ recipients: [] }),
  })
  const stop = gossip.subscribe('topic', handler)
  return { gossip, stop, validate: topicValidators.get('topic'), topicValidators }
}

describe('gossip', () => {
  it('tells the handler who signed a message, and which neighbour brought it', async () => {
    const [author, neighbour] = [await newPeer(), await newPeer()]
    const heard: GossipMessage[] = []
    const { validate } = start(async (message) => {
      heard.push(message)
      return 'accept'
    })
    const message = { type: 'signed', from: author, data: new Uint8Array([7]) } as Message
    expect(await validate?.(neighbour, message)).toBe(TopicValidatorResult.Accept)
    expect(heard).toEqual([{ from: String(author), via: String(neighbour), data: new Uint8Array([7]) }])
  })

  it('rejects what is unsigned or too large, and drops what could not be judged', async () => {
    const peer = await newPeer()
    const { validate } = start(async () => {
      throw new Error('disk full')
    })
    const judge = (message: Partial<Message>) => validate?.(peer, { from: peer, ...message } as Message)
    const data = new Uint8Array(1)
    expect(await judge({ type: 'unsigned', data })).toBe(TopicValidatorResult.Reject)
    expect(await judge({ type: 'signed', data: new Uint8Array(MAX_GOSSIP_BYTES + 1) })).toBe(
      TopicValidatorResult.Reject,
    )
    expect(await judge({ type: 'signed', data })).toBe(TopicValidatorResult.Ignore)
  })

  it('has one handler for each topic, until that is taken away', async () => {
    const { gossip, stop, topicValidators } = start(async () => 'accept')
    const subscribe = () => gossip.subscribe('topic', async () => 'accept')
    expect(subscribe).toThrow(expect.objectContaining({ code: 'GOSSIP_TOPIC_TAKEN' }))
    stop()
    expect(topicValidators.size).toBe(0)
    subscribe()
    await expect(gossip.publish('topic', new Uint8Array(MAX_GOSSIP_BYTES + 1))).rejects.toThrow(
      expect.objectContaining({ code: 'GOSSIP_TOO_LARGE' }),
    )
  })
})
