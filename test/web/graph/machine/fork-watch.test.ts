import { describe, expect, it } from 'vitest'
import { createForkWatch } from '#graph/machine/fork-watch.ts'
import { readBlockObject, type SignedGraphBlock } from '#graph/machine/graph-block.ts'
import { digestOf } from '#test/fakes/links.ts'
import { fakeChain, fakeFork, fakeGenesis } from '#test/fakes/machine.ts'

const genesis = await fakeGenesis()
const { blocks } = await fakeChain(genesis, 3)
const fork = await fakeFork(genesis, 3)
const other = readBlockObject((await fork.answer(digestOf('word 1')))!.block)
const last: SignedGraphBlock = blocks[2]!

describe('[KG3] two signed blocks of one height', () => {
  it('[KG3] are both kept, whichever was seen first, and once', () => {
    const watch = createForkWatch()
    expect(blocks.map((block) => watch.see(block))).toEqual([undefined, undefined, undefined])
    expect(watch.see(other)).toEqual({ height: 3, blocks: [last, other] })
    watch.see(other)
    watch.see(last)
    expect(watch.forks).toEqual([{ height: 3, blocks: [last, other] }])

    const another = createForkWatch()
    another.see(other)
    another.see(last)
    expect(another.forks).toEqual([{ height: 3, blocks: [other, last] }])
  })

  it('do not move the newest block, which was the first of its height; an older one neither', () => {
    const watch = createForkWatch()
    expect(watch.newest).toBeUndefined()
    for (const block of [last, other, blocks[0]!]) watch.see(block)
    expect(watch.newest).toBe(last)
  })

  it('of a peer that makes them without end fill no memory', () => {
    const watch = createForkWatch()
    watch.see(last)
    for (let at = 0; at < 100; at++) watch.see({ ...last, hash: digestOf(`fork ${at}`) })
    expect(watch.forks).toHaveLength(16)
    for (let height = 4; height < 3_000; height++) watch.see({ ...last, desc: { ...last.desc, height } })
    expect(watch.newest?.desc.height).toBe(2_999)
    // the third block was let go of: another one of its height is its first again
    expect(watch.see({ ...other, desc: { ...other.desc, height: 3 } })).toBeUndefined()
  })
})
