import { describe, expect, it } from 'vitest'
import { createRpcEndpoint, MAX_RPC_ANSWER_BYTES } from '#chain/rpc/json-rpc.ts'
import { ofChain } from '#chain/rpc/of-chain.ts'

/** An endpoint that answers each request with this. */
function answering(answer: (body: { id: number }) => Response, timeoutMs = 1_000) {
  return createRpcEndpoint({
    url: 'http://node.example/v3/0123456789abcdef0123456789abcdef?key=secret',
    fetch: async (_, init) => answer(JSON.parse(String(init?.body))),
    timeoutMs,
  })
}

const call = (endpoint: ReturnType<typeof answering>) => endpoint.call('eth_chainId', [])

describe('an RPC endpoint', () => {
  it('is named without what may be its key', () => {
    expect(answering(() => Response.json({})).name).toBe('node.example')
  })

  it('gives the result', async () => {
    expect(await call(answering(({ id }) => Response.json({ id, result: '0x1' })))).toBe('0x1')
  })

  it('is refused when what it answers is no answer', async () => {
    const wrong = ['nothing', '[]', '3', 'null', '{}', '{"result":', '{"id":0}', Uint8Array.of(0xff)]
    for (const text of wrong) {
      await expect(call(answering(() => new Response(text)))).rejects.toMatchObject({
        code: 'RPC_ANSWER_INVALID',
      })
    }
  })

  it('is cut off when it answers too much', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    await expect(call(answering(() => new Response(endless)))).rejects.toMatchObject({
      code: 'RPC_ANSWER_INVALID',
    })
    expect(sent).toBeLessThan(MAX_RPC_ANSWER_BYTES + 3 * 65_536)
  })

  it('tells what it was refused, and that nobody answers', async () => {
    const refusing = answering(() => Response.json({ error: { code: -32_601, message: 'no such method' } }))
    await expect(call(refusing)).rejects.toMatchObject({
      code: 'RPC_REFUSED',
      message: 'node.example answered eth_chainId with an error: no such method.',
      details: { code: -32_601 },
    })
    await expect(call(answering(() => new Response('', { status: 503 })))).rejects.toMatchObject({
      code: 'RPC_UNREACHABLE',
      message: "The chain's endpoint node.example does not answer: it answered with status 503.",
    })
    const dead = answering(() => {
      throw new TypeError('fetch failed')
    })
    await expect(call(dead)).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
  })

  it('passes an abort on as it is', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    const endpoint = answering(() => Response.json({ result: 1 }))
    await expect(endpoint.call('eth_chainId', [], { signal: controller.signal })).rejects.toThrow('enough')
  })

  it('answers several calls in their order, whatever order they come back in', async () => {
    const endpoint = answering((body) => {
      const calls = body as unknown as { id: number; method: string }[]
      return Response.json(calls.map(({ id, method }) => ({ id, result: method })).toReversed())
    })
    const calls = ['a', 'b', 'c'].map((method) => ({ method, params: [] }))
    expect(await endpoint.batch(calls)).toEqual(['a', 'b', 'c'])
    expect(await endpoint.batch([])).toEqual([])
    const first = answering(() => Response.json({ id: 0, result: 1 }))
    await expect(first.batch(calls)).rejects.toMatchObject({
      code: 'RPC_ANSWER_INVALID',
      message: expect.stringMatching(/one answer to 3 calls/),
    })
    const refusing = answering(() => Response.json({ error: { code: -32_600, message: 'no batches' } }))
    await expect(refusing.batch(calls)).rejects.toMatchObject({ code: 'RPC_REFUSED' })
    const short = answering(() => Response.json([{ id: 0, result: 1 }]))
    await expect(short.batch(calls)).rejects.toMatchObject({ code: 'RPC_ANSWER_INVALID' })
  })

  it('takes no address that is none', () => {
    for (const url of ['', 'node', 'ftp://node/', 'ws://node/', `http://${'a'.repeat(3_000)}`]) {
      expect(() => createRpcEndpoint({ url })).toThrow(/Expected the address of an RPC endpoint/)
    }
  })

  it('is asked nothing when it serves another chain', async () => {
    const methods: string[] = []
    const other = answering((body) => {
      methods.push((body as unknown as { method: string }).method)
      return Response.json({ result: '0x2' })
    })
    const endpoint = ofChain(other, 1)
    await expect(endpoint.call('eth_blockNumber', [])).rejects.toMatchObject({ code: 'RPC_WRONG_CHAIN' })
    await expect(endpoint.batch([{ method: 'eth_call', params: [] }])).rejects.toThrow(/serves chain 2/)
    expect(methods).toEqual(['eth_chainId', 'eth_chainId'])
  })
})
