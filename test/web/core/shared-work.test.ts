import { describe, expect, it } from 'vitest'
import { createSharedWork } from '#core/shared-work.ts'

/** Works that are ended by hand. */
function start() {
  const share = createSharedWork<string>()
  const works: { signal: AbortSignal; end: (text: string) => void; fail: (error: Error) => void }[] = []
  const ask = (key: string, signal?: AbortSignal) =>
    share(
      key,
      (own) => {
        const { promise, resolve, reject } = Promise.withResolvers<string>()
        works.push({ signal: own, end: resolve, fail: reject })
        return promise
      },
      signal,
    )
  return { ask, works }
}

describe('work that several ask for', () => {
  it('is done once, and anew for who comes later', async () => {
    const { ask, works } = start()
    const both = Promise.all([ask('a'), ask('a')])
    const other = ask('b')
    expect(works).toHaveLength(2)
    works[0]!.end('one')
    works[1]!.end('two')
    expect(await both).toEqual(['one', 'one'])
    expect(await other).toBe('two')
    void ask('a')
    expect(works).toHaveLength(3)
  })

  it('goes on for others when one leaves, and is aborted when all have left', async () => {
    const { ask, works } = start()
    const [first, second] = [new AbortController(), new AbortController()]
    const left = ask('a', first.signal)
    const stayed = ask('a', second.signal)
    first.abort()
    await expect(left).rejects.toMatchObject({ name: 'AbortError' })
    expect(works[0]!.signal.aborted).toBe(false)
    second.abort()
    await expect(stayed).rejects.toMatchObject({ name: 'AbortError' })
    expect(works[0]!.signal.aborted).toBe(true)
    const again = ask('a')
    expect(works).toHaveLength(2)
    works[0]!.end('too late')
    works[1]!.end('in time')
    expect(await again).toBe('in time')
    await expect(ask('a', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
    expect(works).toHaveLength(2)
  })

  it('fails for all, and can be tried again', async () => {
    const { ask, works } = start()
    const both = Promise.allSettled([ask('a'), ask('a')])
    works[0]!.fail(new Error('nobody has it'))
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const again = ask('a')
    works[1]!.end('now')
    expect(await again).toBe('now')
  })
})
