import type { AddressInfo } from 'node:net'
import { isAppError } from '#core/errors.ts'
import type { RelayConfig } from './config.ts'
import type { FrontServer } from './http/front-server.ts'
import { MAX_PORT_TRIES } from './limits.ts'
import type { StunServer } from './stun-server.ts'

/**
 * Opens the port for TCP and UDP. A port that we choose may be taken for UDP alone: then another is tried.
 * One that was asked for is never exchanged silently.
 */
export async function bindPort(
  front: FrontServer,
  stun: StunServer,
  config: Pick<RelayConfig, 'host' | 'port'>,
): Promise<AddressInfo> {
  for (let tries = 1; ; tries++) {
    const bound = await front.listen(config.host, config.port)
    try {
      await stun.listen(config.host, bound.port)
      return bound
    } catch (error) {
      await front.close()
      if (config.port !== 0 || tries >= MAX_PORT_TRIES || !isAppError(error, 'PORT_TAKEN')) throw error
    }
  }
}

/** A wildcard cannot be visited; this machine's own address can. */
export function hostOfUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
