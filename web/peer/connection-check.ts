import type { Connection, Libp2p } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import type { Timers } from '#core/timers.ts'

const PING = '/ipfs/ping/1.0.0'
const PING_BYTES = 32
/**
 * A connection that was quick before is given this long, one with long round trips four of them: a check follows an
 * interruption, when a dead connection costs more than a live one that has to be made again.
 */
const MIN_WAIT_MS = 2_500
const ROUND_TRIPS = 4
/**
 * The wait is counted in turns of this length: a page that is busy gets to each late, after what others sent it, so
 * that its own lateness is not taken for their silence.
 */
const TURN_MS = 250

export interface ConnectionCheck {
  /** Asks over each open connection for a sign of life, all at once, and ends those that stay silent. */
  run(): Promise<void>
  stop(): void
}

/** libp2p's own pings come every 10 s and wait 45 s: right for a busy peer, not for one that slept. */
export function createConnectionCheck(
  libp2p: Pick<Libp2p, 'getConnections'>,
  { timers }: { readonly timers: Timers },
): ConnectionCheck {
  const stopping = new AbortController()
  let running: Promise<void> | undefined

  function afterTurns(turns: number, listener: () => void): () => void {
    let cancel = timers.after(TURN_MS, function turn() {
      turns -= 1
      if (turns <= 0) listener()
      else cancel = timers.after(TURN_MS, turn)
    })
    return () => cancel()
  }

  async function check(connection: Connection): Promise<void> {
    const waitMs = Math.max(MIN_WAIT_MS, ROUND_TRIPS * (connection.rtt ?? 0))
    const silence = new AbortController()
    const cancel = afterTurns(Math.ceil(waitMs / TURN_MS), () =>
      silence.abort(new Error(`no answer within ${waitMs} ms`)),
    )
    try {
      await ping(connection, AbortSignal.any([stopping.signal, silence.signal]))
    } catch (error) {
      if (!stopping.signal.aborted) connection.abort(error as Error)
    } finally {
      cancel()
    }
  }

  async function checkAll(): Promise<void> {
    const open = libp2p.getConnections().filter(({ status }) => status === 'open')
    await Promise.all(open.map(check))
  }

  return {
    run() {
      running ??= checkAll().finally(() => {
        running = undefined
      })
      return running
    },
    stop: () => stopping.abort(),
  }
}

/** Over this very connection, not the best one to its peer. */
async function ping(connection: Connection, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now()
  try {
    const stream = await connection.newStream(PING, { signal, runOnLimitedConnection: true })
    try {
      const bytes = byteStream(stream)
      await bytes.write(crypto.getRandomValues(new Uint8Array(PING_BYTES)), { signal })
      await bytes.read({ bytes: PING_BYTES, signal })
      connection.rtt = performance.now() - startedAt
      void stream.close({ signal }).catch(() => {}) // it answered, which is all that was asked
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  } catch (error) {
    // who says that it does not know the protocol is there
    if ((error as Error).name !== 'UnsupportedProtocolError') throw error
  }
}
