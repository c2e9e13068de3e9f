import { describe, expect, it } from 'vitest'
import { quote, quoteResponse } from '#relay/auto-tls/said.ts'

describe('what a stranger’s server said', () => {
  it('is one clean line', () => {
    expect(quote(' a\u001b[2J\r\nb\u202ec\ud800\t d ')).toBe('a [2J b c\ufffd d')
  })

  it('is cut between characters', () => {
    expect(quote('😀'.repeat(200))).toBe('😀'.repeat(200))
    expect(quote('😀'.repeat(201))).toBe(`${'😀'.repeat(200)}…`)
  })

  it('is read no further than it is quoted', async () => {
    let pulled = 0
    let cancelled = false
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(1_000).fill(0x61))
      },
      cancel() {
        cancelled = true
      },
    })
    expect(await quoteResponse(new Response(body))).toBe(`${'a'.repeat(200)}…`)
    expect(cancelled).toBe(true)
    expect(pulled).toBeLessThan(10)
    expect(await quoteResponse(new Response(null))).toBe('')
  })
})
