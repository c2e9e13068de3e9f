import {
  AbstractMultiaddrConnection,
  type AbstractMultiaddrConnectionInit,
  type SendResult,
} from '@libp2p/utils'
import type { RawData, WebSocket } from 'ws'
import type { InboundRate } from './inbound-rates.ts'
import { MAX_WEBSOCKET_BUFFERED_BYTES } from './limits.ts'

type BytesList = Parameters<AbstractMultiaddrConnection['sendData']>[0]

export interface WebSocketConnectionInit extends Omit<AbstractMultiaddrConnectionInit, 'direction'> {
  readonly webSocket: WebSocket
  /** what its address may send */
  readonly rate: InboundRate
}

/**
 * One inbound socket as libp2p sees it. Unlike the browser's WebSocket, `ws` can pause reading and tells when
 * bytes have left, so neither direction polls or piles up.
 */
export class WebSocketConnection extends AbstractMultiaddrConnection {
  readonly #webSocket: WebSocket
  readonly #rate: InboundRate
  #isHeldByReader = false
  /** its address has sent enough for now */
  #resting: ReturnType<typeof setTimeout> | undefined

  constructor({ webSocket, rate, ...init }: WebSocketConnectionInit) {
    super({ ...init, direction: 'inbound' })
    this.#webSocket = webSocket
    this.#rate = rate
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary)
        this.#receive(data as Buffer) // `ws` gives Buffers unless binaryType is changed
      else this.abort(new Error('Expected binary WebSocket messages, got text.'))
    })
    // An error is always followed by `close`.
    webSocket.on('error', (error: Error) => this.log.error('socket failed - %e', error))
    webSocket.once('close', (code: number) => {
      clearTimeout(this.#resting)
      rate.leave()
      if (code === CLOSED_ABNORMALLY) this.onRemoteReset()
      else this.onTransportClosed()
    })
  }

  sendData(data: BytesList): SendResult {
    for (const chunk of data) this.#webSocket.send(chunk, this.#afterSend)
    return {
      sentBytes: data.byteLength,
      canSendMore: this.#webSocket.bufferedAmount < MAX_WEBSOCKET_BUFFERED_BYTES,
    }
  }

  sendReset(): void {
    this.#webSocket.terminate()
  }

  async sendClose(): Promise<void> {
    this.#webSocket.close()
  }

  sendPause(): void {
    this.#isHeldByReader = true
    this.#webSocket.pause()
  }

  sendResume(): void {
    this.#isHeldByReader = false
    if (this.#resting === undefined) this.#webSocket.resume()
  }

  #receive(data: Buffer): void {
    const waitMs = this.#rate.take(data.length)
    if (waitMs > 0 && this.#resting === undefined) {
      this.#webSocket.pause()
      this.#resting = setTimeout(() => {
        this.#resting = undefined
        if (!this.#isHeldByReader) this.#webSocket.resume()
      }, waitMs)
    }
    this.onData(data)
  }

  readonly #afterSend = (): void => {
    // Not at 0: a pong of `ws` itself may still wait behind our last bytes, and nobody tells when it is gone.
    const isLow = this.#webSocket.bufferedAmount <= MAX_WEBSOCKET_BUFFERED_BYTES / 2
    if (this.writableNeedsDrain && isLow) this.safeDispatchEvent('drain')
  }
}

/** RFC 6455 §7.1.5: no close frame was seen. */
const CLOSED_ABNORMALLY = 1006
