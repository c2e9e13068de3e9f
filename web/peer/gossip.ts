import { type GossipSub, type Message, TopicValidatorResult } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import type { Bytes } from '#core/bytes.ts'
import { MAX_GOSSIP_BYTES } from '#core/limits.ts'
import type { Gossip, GossipMessage, Verdict } from '#core/transport.ts'
import { PeerError } from './errors.ts'
import { createGossipAllowance, type GossipAllowance } from './gossip-allowance.ts'

const RESULTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  reject: TopicValidatorResult.Reject,
  ignore: TopicValidatorResult.Ignore,
}

/**
 * Gossip over gossipsub: messages are signed by their author, and forwarded only once their handler accepts them.
 * What is over the allowance is dropped unread; sync brings what was missed.
 */
export function createGossip(
  pubsub: Pick<GossipSub, 'publish' | 'subscribe' | 'unsubscribe' | 'topicValidators'>,
  allowance: GossipAllowance = createGossipAllowance(),
  onVerdict: (verdict: Verdict) => void = () => {},
): Gossip {
  const taken = new Set<string>()
  return {
    async publish(topic, data) {
      if (data.length > MAX_GOSSIP_BYTES) {
        throw new PeerError(
          'GOSSIP_TOO_LARGE',
          `A gossip message has ${data.length} bytes; at most ${MAX_GOSSIP_BYTES} are sent. Split it.`,
          { details: { length: data.length, maxGossipBytes: MAX_GOSSIP_BYTES } },
        )
      }
      await pubsub.publish(topic, data)
    },

    subscribe(topic, handler) {
      if (taken.has(topic)) {
        throw new PeerError('GOSSIP_TOPIC_TAKEN', `Topic ${topic} has a handler already; it takes only one.`)
      }
      taken.add(topic)
      pubsub.topicValidators.set(topic, async (via, message) => {
        const author = message.type === 'signed' ? message.from.toString() : ''
        const isAllowed = allowance.take(author, via.toString())
        const verdict = isAllowed ? await judge(message, via, handler) : 'ignore'
        onVerdict(verdict)
        return RESULTS[verdict]
      })
      pubsub.subscribe(topic)
      return () => {
        taken.delete(topic)
        pubsub.unsubscribe(topic)
        pubsub.topicValidators.delete(topic)
      }
    },
  }
}

async function judge(
  message: Message,
  via: PeerId,
  handler: (message: GossipMessage) => Promise<Verdict>,
): Promise<Verdict> {
  if (message.type !== 'signed' || message.data.length > MAX_GOSSIP_BYTES) return 'reject'
  try {
    // The bytes are copied: the message is a view of a larger buffer that would stay alive with it.
    const data: Bytes = new Uint8Array(message.data)
    return await handler({ from: message.from.toString(), via: via.toString(), data })
  } catch {
    return 'ignore' // a failure of ours (a full disk, a stopped worker) is not the sender's fault
  }
}
