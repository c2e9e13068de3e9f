import type { BrowserContext, Page } from 'playwright-core'

/** Bytes of payload that crossed the RTCDataChannels of a page since it loaded. */
export interface RtcBytes {
  readonly sent: number
  readonly received: number
  readonly channels: number
}

/**
 * Counts in every page opened from now on. Data-channel statistics vanish with their channel and transport
 * totals count overhead, so the channels themselves are wrapped.
 */
export async function countRtcBytes(target: BrowserContext | Page): Promise<void> {
  await target.addInitScript(installCounter)
}

export function readRtcBytes(page: Page): Promise<RtcBytes> {
  return page.evaluate(() => {
    const { sent, received, channels } = (globalThis as unknown as { rtcBytes: RtcBytes }).rtcBytes
    return { sent, received, channels }
  })
}

/** Runs in the page before its scripts: self-contained, because it travels as text. */
function installCounter(): void {
  const counter = { sent: 0, received: 0, channels: 0 }
  Object.assign(globalThis, { rtcBytes: counter })
  if (typeof RTCDataChannel === 'undefined') return

  const sizeOf = (data: unknown): number => {
    if (typeof data === 'string') return new TextEncoder().encode(data).length
    if (data instanceof Blob) return data.size
    if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return data.byteLength
    return 0
  }
  const watch = (channel: RTCDataChannel): void => {
    counter.channels += 1
    channel.addEventListener('message', (event) => {
      counter.received += sizeOf(event.data)
    })
  }

  const send = RTCDataChannel.prototype.send as (this: RTCDataChannel, data: unknown) => void
  RTCDataChannel.prototype.send = function countedSend(this: RTCDataChannel, data: unknown) {
    send.call(this, data)
    counter.sent += sizeOf(data)
  }
  const create = RTCPeerConnection.prototype.createDataChannel
  RTCPeerConnection.prototype.createDataChannel = function watchedCreate(label, options) {
    const channel = create.call(this, label, options)
    watch(channel)
    return channel
  }
  // Channels opened by the other side arrive by this event; the listener is the connection's first.
  const Native = RTCPeerConnection
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      this.addEventListener('datachannel', ({ channel }) => watch(channel))
    }
  }
}
