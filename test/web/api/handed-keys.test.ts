import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  FILE,
  fileOf,
  KEY,
  type KeyWorld,
  openKeyWorld,
  owner,
  reader,
  wanted,
} from '#test/fakes/key-world.ts'

const DAY = 86_400_000

let world: KeyWorld
beforeEach(async () => {
  world = await openKeyWorld()
})
afterEach(() => world.stop())

describe('[CH7] giving a key to a relay', () => {
  it('is refused when the relay is full, and told', async () => {
    await world.addRelay('relay', { maxKeys: 0 })
    const { handed, state } = world.addOwner('owner')
    await expect(handed.give(FILE.text)).rejects.toMatchObject({
      code: 'KEY_RELAY_REFUSED',
      message: expect.stringContaining('no room'),
    })
    expect(state.value.handed).toEqual([])
  })

  it('is refused for what was not published for some from here, without a relay, and by a relay that keeps none', async () => {
    await world.addRelay()
    const { handed, key } = world.addOwner('owner')
    await expect(handed.give(fileOf(owner, 5n).text)).rejects.toMatchObject({ code: 'OBJECT_NOT_PUBLISHED' })
    key.value = { key: KEY } // somebody else gave it to this profile
    await expect(handed.give(FILE.text)).rejects.toMatchObject({ code: 'OBJECT_NOT_PUBLISHED' })
    await expect(world.addOwner('alone', { relays: [] }).handed.give(FILE.text)).rejects.toMatchObject({
      code: 'KEY_RELAY_NONE',
    })
    world.network.add('plain')
    await expect(
      world.addOwner('owner 2', { relays: ['plain'] }).handed.give(FILE.text),
    ).rejects.toMatchObject({
      code: 'KEY_RELAY_REFUSED',
      message: expect.stringContaining('--keys'),
    })
  })
})

describe('[CH7] a key that a relay has', () => {
  it('is taken back by its owner, and the relay deletes it', async () => {
    const kept = await world.addRelay()
    const { handed, state } = world.addOwner('owner')
    await handed.give(FILE.text)
    await handed.take(FILE.text)
    expect(state.value.handed).toEqual([])
    expect(kept.stats().keys).toBe(0)
    await expect(world.addAsker('reader', reader).ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_NOT_FOUND',
    })
    await handed.take(FILE.text) // nothing is left to take
    await handed.give(FILE.text)
    expect(kept.stats().keys).toBe(1)
  })

  it('is taken back when the relay is met again, by a later page too', async () => {
    const kept = await world.addRelay()
    const first = world.addOwner('owner')
    await first.handed.give(FILE.text)
    first.leave()
    await first.handed.take(FILE.text)
    expect(first.state.value.handed).toMatchObject([{ id: FILE.text, leaving: true }])
    const later = world.addOwner('later', { records: first.records })
    await later.handed.start()
    await expect.poll(() => later.state.value.handed).toEqual([])
    expect(kept.stats().keys).toBe(0)
    // and where the relay never comes back, it is forgotten with its end
    const { handed, state, leave } = world.addOwner('owner 3')
    await handed.give(FILE.text)
    leave()
    await handed.take(FILE.text)
    await handed.start()
    world.now += 31 * DAY
    world.timers.advance(3_600_000)
    await expect.poll(() => state.value.handed).toEqual([])
  })

  it('is given anew once a day, so that it goes on for as long as its owner comes by', async () => {
    const kept = await world.addRelay()
    const first = world.addOwner('owner')
    await first.handed.give(FILE.text)
    first.leave()
    const given = kept.get(FILE.id)!.until
    const soon = world.addOwner('soon', { records: first.records })
    world.now += DAY - 1_000
    await soon.handed.start()
    await world.network.settle()
    expect(kept.get(FILE.id)!.until).toBe(given)
    world.now += 2_000
    world.timers.advance(3_600_000)
    await expect.poll(() => kept.get(FILE.id)!.until).toBe(given + 86_401)
    expect(soon.state.value.handed).toMatchObject([{ until: (given + 86_401) * 1_000 }])
  })

  it('follows its object when that is published for others, at once or when the relay is met again', async () => {
    const kept = await world.addRelay()
    const { handed, state, key, leave } = world.addOwner('owner', { readers: [owner.neuron] })
    await handed.start()
    await handed.give(FILE.text)
    await expect(world.addAsker('too early', reader).ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_REFUSED',
    })
    key.value = { key: KEY, readers: [owner.neuron, reader.neuron] }
    await handed.changed(FILE.text)
    expect(await world.addAsker('reader', reader).ask(wanted())).toEqual({ key: KEY, until: 0 })
    leave()
    key.value = { key: KEY, readers: [owner.neuron] }
    await handed.changed(FILE.text)
    expect(state.value.handed).toMatchObject([{ stale: true }])
    expect(kept.get(FILE.id)!.readers).toHaveLength(2)
    world.network.connect('owner', 'relay')
    await expect.poll(() => kept.get(FILE.id)!.readers).toHaveLength(1)
    await expect.poll(() => state.value.handed[0]?.stale).toBeUndefined()
  })

  it('is taken back by a page that has only just begun', async () => {
    const kept = await world.addRelay()
    const first = world.addOwner('owner')
    await first.handed.give(FILE.text)
    await world.addOwner('next', { records: first.records }).handed.take(FILE.text)
    expect(kept.stats().keys).toBe(0)
  })

  it('is in no list of a profile whose record of it cannot be read', async () => {
    await world.addRelay()
    const { handed, state, records } = world.addOwner('owner')
    await records.put([
      { key: 'objects/handed/a/b', value: new Uint8Array([1, 2]) },
      { key: 'objects/handed/c/d', value: new TextEncoder().encode('{"id":1}') },
    ])
    await handed.start()
    expect(state.value.handed).toEqual([])
  })
})
