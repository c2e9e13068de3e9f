import { connect } from 'node:net'

const TIMEOUT_MS = 5_000

/** Is a TCP port open, closed (refused at once), or silent, as behind a firewall that drops? */
export function tryPort(host: string, port: number): Promise<'open' | 'closed' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS })
    const end = (state: 'open' | 'closed' | 'silent') => {
      socket.destroy()
      resolve(state)
    }
    socket.once('connect', () => end('open'))
    socket.once('timeout', () => end('silent'))
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      end(code === 'ECONNREFUSED' ? 'closed' : 'silent'),
    )
  })
}
