import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { createRateLimit } from '#core/rate-limit.ts'
import { addressGroup, plainAddress } from './http/client-address.ts'
import { listenError } from './http/front-server.ts'
import {
  MAX_STUN_ADDRESSES,
  STUN_BURST_PER_ADDRESS,
  STUN_PER_ADDRESS_PER_SECOND,
  STUN_PER_SECOND,
} from './limits.ts'
import { encodeBindingResponse, encodeUnknownAttributes, parseBindingRequest } from './stun.ts'

export interface StunServer {
  readonly answered: number
  /** requests over a rate, and datagrams that are no requests */
  readonly dropped: number
  /** @throws PORT_TAKEN, PORT_FORBIDDEN, HOST_UNAVAILABLE */
  listen(host: string, port: number): Promise<void>
  close(): Promise<void>
}

/**
 * Answers STUN on UDP. UDP senders can be forged, so answers are hardly larger than requests and limited for
 * each address and in all: there are better amplifiers.
 */
export function createStunServer(now: () => number = Date.now): StunServer {
  const perAddress = createRateLimit({
    perSecond: STUN_PER_ADDRESS_PER_SECOND,
    burst: STUN_BURST_PER_ADDRESS,
    maxKeys: MAX_STUN_ADDRESSES,
    now,
  })
  const inAll = createRateLimit({ perSecond: STUN_PER_SECOND, burst: STUN_PER_SECOND, maxKeys: 1, now })
  const count = { answered: 0, dropped: 0 }
  let socket: Socket | undefined

  const onDatagram = (datagram: Buffer, { address, port }: RemoteInfo): void => {
    const remote = plainAddress(address)
    const request = parseBindingRequest(datagram)
    if (request === undefined || !perAddress.take(addressGroup(remote)) || !inAll.take('')) {
      count.dropped++
      return
    }
    const { transactionId, unknownAttributes } = request
    const answer =
      unknownAttributes.length > 0
        ? encodeUnknownAttributes(transactionId, unknownAttributes)
        : encodeBindingResponse(transactionId, remote, port)
    // The way back may be closed by now; the client asks again.
    socket?.send(answer, port, address, (error) => {
      if (error === null) count.answered++
    })
  }

  return {
    get answered() {
      return count.answered
    },
    get dropped() {
      return count.dropped
    },
    async listen(host, port) {
      const opening = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' })
      await bind(opening, host, port)
      opening.on('message', onDatagram)
      opening.on('error', () => count.dropped++)
      socket = opening
    },
    async close() {
      const closing = socket
      socket = undefined
      if (closing !== undefined) await new Promise<void>((resolve) => closing.close(() => resolve()))
    },
  }
}

function bind(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      socket.close()
      reject(listenError(error, host, port))
    }
    socket.once('error', onError)
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', onError)
      resolve()
    })
  })
}
