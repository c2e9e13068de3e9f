// What the pure folders may assume of every engine (browser, worker, Node.js) beyond ECMAScript.
// Clocks, random sources, timers, networks and storage are absent on purpose: they arrive as arguments.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes: Uint8Array): string
}
declare class AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
interface AesGcmParameters {
  readonly name: 'AES-GCM'
  readonly iv: Uint8Array<ArrayBuffer>
  readonly additionalData: Uint8Array<ArrayBuffer>
}
declare const crypto: {
  readonly subtle: {
    importKey(
      format: 'raw',
      key: Uint8Array<ArrayBuffer>,
      algorithm: 'Ed25519',
      extractable: boolean,
      usages: ['verify'],
    ): Promise<object>
    importKey(
      format: 'spki',
      key: Uint8Array<ArrayBuffer>,
      algorithm: { name: 'RSASSA-PKCS1-v1_5'; hash: 'SHA-256' },
      extractable: boolean,
      usages: ['verify'],
    ): Promise<object>
    importKey(
      format: 'raw',
      key: Uint8Array<ArrayBuffer>,
      algorithm: 'AES-GCM',
      extractable: boolean,
      usages: ['encrypt', 'decrypt'],
    ): Promise<object>
    encrypt(algorithm: AesGcmParameters, key: object, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
    decrypt(algorithm: AesGcmParameters, key: object, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
    digest(algorithm: 'SHA-256', data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
    verify(
      algorithm: 'Ed25519' | 'RSASSA-PKCS1-v1_5',
      key: object,
      signature: Uint8Array<ArrayBuffer>,
      data: Uint8Array<ArrayBuffer>,
    ): Promise<boolean>
  }
}
