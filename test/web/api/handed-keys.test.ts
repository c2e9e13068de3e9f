import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import { formatObjectIdBase36 } from '#objects/object-id.ts'
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
const { keyDeposit: PROTOCOL } = protocolsOf('test')

let world: KeyWorld
beforeEach(async () => {
  world = await openKeyWorld()
})
afterEach(() => world.stop())

/** Begins to give a key anew, which stands still, its readers read, until the result is resolved. */
async function beginRenewal(key: { held?: Promise<void> | undefined }): Promise<PromiseWithResolvers<void>> {
  const reading = Promise.withResolvers<void>()
  key.held = reading.promise
  world.now += DAY + 1_000
  world.timers.advance(3_600_000)
  await new Promise(setImmediate)
  return reading
}

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
    const second = world.addOwner('owner 2', { relays: ['plain'] })
    await expect(second.handed.give(FILE.text)).rejects.toMatchObject({
      code: 'KEY_RELAY_REFUSED',
      message: expect.stringContaining('--keys'),
    })
    expect(second.state.value.handed).toEqual([])
  })

  it('goes by itself to no relay that others named, and to such a one when it is named here', async () => {
    await world.addRelay('stranger')
    await world.addRelay('own')
    const relays = ['stranger', 'own']
    const { handed } = world.addOwner('owner', { relays, told: ['stranger'] })
    expect(await handed.give(FILE.text)).toMatchObject({ relay: 'own' })
    expect(await handed.give(FILE.text, 'stranger')).toMatchObject({ relay: 'stranger' })
    const lost = world.addOwner('lost', { relays, told: relays })
    await expect(lost.handed.give(FILE.text)).rejects.toMatchObject({ code: 'KEY_RELAY_NONE' })
  })

  it('takes an id in either of its forms', async () => {
    const kept = await world.addRelay()
    const { handed, state } = world.addOwner('owner')
    const base36 = formatObjectIdBase36(FILE.id)
    await handed.give(base36)
    expect(state.value.handed).toMatchObject([{ id: FILE.text }])
    await handed.take(base36)
    expect(kept.stats().keys).toBe(0)
    await expect(handed.give('no id')).rejects.toMatchObject({ code: 'OBJECT_INVALID' })
  })

  it('whose answer is lost is no giving: what the relay has is taken back when it is met again', async () => {
    const kept = await world.addRelay()
    const first = world.addOwner('owner')
    world.network.breakAfter({ peer: 'relay', protocol: PROTOCOL, frames: 0 })
    await expect(first.handed.give(FILE.text)).rejects.toMatchObject({ code: 'KEY_RELAY_REFUSED' })
    expect(kept.stats().keys).toBe(1)
    expect(first.state.value.handed).toMatchObject([{ id: FILE.text, relay: 'relay', leaving: true }])
    const later = world.addOwner('later', { records: first.records })
    await later.handed.start()
    await expect.poll(() => later.state.value.handed).toEqual([])
    expect(kept.stats().keys).toBe(0)
    // and given again it counts again
    world.network.breakAfter({ peer: 'relay', protocol: PROTOCOL, frames: 0 })
    await later.handed.give(FILE.text).catch(() => {})
    await later.handed.give(FILE.text)
    expect(later.state.value.handed[0]?.leaving).toBeUndefined()
  })

  it('that was given before stays given when the relay has no room, or no answer, for the new one', async () => {
    const kept = await world.addRelay()
    const { handed, state } = world.addOwner('owner')
    const before = await handed.give(FILE.text)
    world.now += 1_000
    await world.addRelay('relay', { denied: FILE.id })
    await expect(handed.give(FILE.text)).rejects.toMatchObject({ code: 'KEY_RELAY_REFUSED' })
    expect(state.value.handed).toEqual([before])
    await world.addRelay()
    world.network.breakAfter({ peer: 'relay', protocol: PROTOCOL, frames: 0 })
    await handed.give(FILE.text).catch(() => {})
    expect(state.value.handed).toMatchObject([{ stale: true, until: before.until + 1_000 }])
    expect(kept.stats().keys).toBe(1)
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

  it.each(['owner', 'second tab'])(
    'stays taken back by the %s when it was just being given anew',
    async (taker) => {
      const kept = await world.addRelay()
      const { handed, state, key, records } = world.addOwner('owner')
      const second = taker === 'owner' ? handed : world.addOwner(taker, { records }).handed
      await handed.give(FILE.text)
      await handed.start()
      await world.network.settle()
      const reading = await beginRenewal(key)
      const taking = second.take(FILE.text)
      reading.resolve()
      await taking
      await handed.changed(FILE.text) // behind whatever is under way
      await world.network.settle()
      expect(kept.stats().keys).toBe(0)
      expect(state.value.handed).toEqual([])
    },
  )

  it('follows its object also when it was just being given anew for its readers of before', async () => {
    const kept = await world.addRelay()
    const { handed, state, key } = world.addOwner('owner', { readers: [owner.neuron] })
    await handed.give(FILE.text)
    await handed.start()
    await world.network.settle()
    const reading = await beginRenewal(key)
    key.value = { key: KEY, readers: [owner.neuron, reader.neuron] }
    const changing = handed.changed(FILE.text)
    reading.resolve()
    await changing
    await world.network.settle()
    expect(kept.get(FILE.id)!.readers).toHaveLength(2)
    expect(state.value.handed[0]?.stale).toBeUndefined()
  })

  it('is told of although another one of the same relay cannot be', async () => {
    const kept = await world.addRelay()
    const { handed, state, records, leave } = world.addOwner('owner')
    const record = { id: '0', relay: 'relay', until: 0, payers: false }
    await records.put([
      { key: 'objects/handed/0/relay', value: new TextEncoder().encode(JSON.stringify(record)) },
    ])
    await handed.give(FILE.text)
    leave()
    await handed.take(FILE.text)
    world.network.connect('owner', 'relay')
    await handed.start()
    await expect.poll(() => kept.stats().keys).toBe(0)
    await expect.poll(() => state.value.handed).toMatchObject([record])
  })

  it('is taken back once its object is not published from here any more, also by a later page', async () => {
    const kept = await world.addRelay()
    const first = world.addOwner('owner')
    await first.handed.give(FILE.text)
    await first.handed.leave(FILE.text)
    expect(first.state.value.handed).toMatchObject([{ leaving: true }])
    const second = world.addOwner('second', { records: first.records })
    await second.handed.start()
    await expect.poll(() => second.state.value.handed).toEqual([])
    expect(kept.stats().keys).toBe(0)
    // and where nothing was written of that before the page ended, its key is gone all the same
    await second.handed.give(FILE.text)
    const third = world.addOwner('third', { records: second.records })
    third.key.value = undefined
    world.now += DAY + 1_000
    await third.handed.start()
    await expect.poll(() => third.state.value.handed).toEqual([])
    expect(kept.stats().keys).toBe(0)
  })

  it('is looked after no longer by a page that ended while it began', async () => {
    const { handed } = world.addOwner('owner', { relays: [] })
    const starting = handed.start()
    handed.stop()
    await starting
    expect(world.timers.pending).toBe(0)
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
