import type { ClearableSignal, MultiaddrConnection, Upgrader } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { boundUpgrader, type UpgraderBounds } from '#relay/webrtc/bounded-upgrader.ts'

const { signal } = new AbortController()

function make(bounds: Partial<UpgraderBounds> = {}) {
  let upgraded = 0
  const inner = {
    createInboundAbortSignal: (): ClearableSignal =>
      Object.assign(new AbortController().signal, { clear() {} }),
    async upgradeInbound() {
      upgraded++
    },
  } as unknown as Upgrader // no more of it is used here
  const bounded = boundUpgrader(inner, {
    maxPending: 2,
    mayBegin: () => true,
    perAddress: 2,
    maxConnections: 3,
    ...bounds,
  })
  const begin = () => bounded.upgrader.createInboundAbortSignal(signal)
  return { ...bounded, begin, upgraded: () => upgraded }
}

function from(ip: string): MultiaddrConnection {
  const remoteAddr = multiaddr(`/ip4/${ip}/udp/4000/webrtc-direct`)
  return Object.assign(new EventTarget(), { remoteAddr }) as unknown as MultiaddrConnection // as much as is looked at
}

describe('[RE7] connections that a first datagram would begin', () => {
  it('are few at once, and make room when their handshake is over', () => {
    const { begin, refused } = make()
    const [first, second, third] = [begin(), begin(), begin()]
    expect([first, second, third].map(({ aborted }) => aborted)).toEqual([false, false, true])
    first?.clear()
    first?.clear()
    expect([begin(), begin()].map(({ aborted }) => aborted)).toEqual([false, true])
    expect(refused()).toBe(2)
  })

  it('are not begun faster than allowed, which is asked once for each', () => {
    let asked = 0
    const { begin } = make({ mayBegin: () => ++asked < 2 })
    const signals = [begin(), begin()]
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
    expect(asked).toBe(2)
  })

  it('count for their address, and all together, until they close', async () => {
    const { upgrader, begin, upgraded } = make()
    const options = { signal, skipEncryption: true } as unknown as Parameters<Upgrader['upgradeInbound']>[1]
    const open = [from('192.0.2.1'), from('192.0.2.1')]
    for (const connection of open) await upgrader.upgradeInbound(connection, options)
    await expect(upgrader.upgradeInbound(from('192.0.2.1'), options)).rejects.toThrow('holds 2 connections')
    await upgrader.upgradeInbound(from('192.0.2.2'), options)
    expect(upgraded()).toBe(3)
    expect(begin().aborted).toBe(true)
    open[0]?.dispatchEvent(new Event('close'))
    expect(begin().aborted).toBe(false)
    await upgrader.upgradeInbound(from('192.0.2.1'), options)
  })
})
