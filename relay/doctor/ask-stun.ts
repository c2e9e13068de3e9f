import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { encodeBindingRequest, parseBindingResponse } from '../stun.ts'

/** A datagram may be lost: RFC 5389 §7.2.1 repeats after 500 ms, then ever more rarely. */
const REPEATS_MS = [0, 500, 1_500]
const TIMEOUT_MS = 3_500

/** The address that a STUN server sees us with; undefined when it stays silent for 3.5 s. */
export async function askStun(
  host: string,
  port: number,
): Promise<{ readonly address: string; readonly port: number } | undefined> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  const transactionId = randomBytes(12)
  const answer = Promise.withResolvers<ReturnType<typeof parseBindingResponse>>()
  socket.on('message', (bytes) => {
    const mapped = parseBindingResponse(bytes, transactionId)
    if (mapped !== undefined) answer.resolve(mapped)
  })
  socket.on('error', () => answer.resolve(undefined))
  // a closed port answers by ICMP, which `send` reports: that is as silent as no answer
  const ask = () => socket.send(encodeBindingRequest(transactionId), port, host, () => {})
  const timers = [
    ...REPEATS_MS.map((ms) => setTimeout(ask, ms)),
    setTimeout(() => answer.resolve(undefined), TIMEOUT_MS),
  ]
  try {
    return await answer.promise
  } finally {
    for (const timer of timers) clearTimeout(timer)
    socket.close()
  }
}
