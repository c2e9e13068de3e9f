import { type Bytes, collectBytes, concat } from '#core/bytes.ts'

/** RFC 1951, as every browser and Node.js have it. */
const FORMAT = 'deflate-raw'

export async function deflate(bytes: Bytes): Promise<Bytes> {
  return collectBytes(through(bytes, new CompressionStream(FORMAT)))
}

/** @throws an Error when the bytes are damaged, or become more than `maxBytes`: what is beyond is not unpacked */
export async function inflate(bytes: Uint8Array, maxBytes: number): Promise<Bytes> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of through(bytes, new DecompressionStream(FORMAT))) {
    length += part.length
    if (length > maxBytes) throw new Error(`it unpacks to more than ${maxBytes} bytes`)
    parts.push(part)
  }
  return concat(...parts)
}

async function* through(
  bytes: Uint8Array,
  { readable, writable }: CompressionStream | DecompressionStream,
): AsyncGenerator<Uint8Array> {
  const writer = writable.getWriter()
  // what fails here fails the reader too; whoever stops reading leaves it unsettled
  void Promise.all([writer.write(bytes as Bytes), writer.close()]).catch(() => {})
  const reader = readable.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      yield value
    }
  } finally {
    void reader.cancel().catch(() => {})
  }
}
