import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { addressGroup, plainAddress } from './client-address.ts'

export interface SocketBound {
  /** sockets of one household (`addressGroup`), whatever they are used for */
  readonly perAddress: number
  /** A proxy's sockets are not counted: they are those of all of its clients. */
  readonly isProxy: (address: string) => boolean
}

/** Cuts the sockets of one address that are too many, before a byte of them is read. */
export function boundSockets(server: Server, { perAddress, isProxy }: SocketBound): void {
  const byGroup = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '0.0.0.0')
    if (isProxy(address)) return
    const group = addressGroup(address)
    const open = byGroup.get(group) ?? 0
    if (open >= perAddress) {
      socket.destroy()
      return
    }
    byGroup.set(group, open + 1)
    socket.once('close', () => {
      const left = (byGroup.get(group) ?? 1) - 1
      if (left > 0) byGroup.set(group, left)
      else byGroup.delete(group)
    })
  })
}
