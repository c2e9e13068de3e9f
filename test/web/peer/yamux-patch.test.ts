import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { expect, it } from 'vitest'

it('patched @libp2p/yamux: a stream on a connection that closes just now ends, and the process does not', async () => {
  const [connection] = multiaddrConnectionPair()
  const muxer = yamux()().createStreamMuxer(connection)
  // what the muxer is told of the end comes later
  connection.send = () => {
    throw new Error('Cannot write to a stream that is closed')
  }
  const stream = await muxer.createStream()
  await expect.poll(() => stream.status).toBe('aborted')
})
