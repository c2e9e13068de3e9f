import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import { protocolsOf } from '#core/network.ts'
import type { PaymentClaim } from '#peer/object-key-server.ts'
import {
  decodeDepositAnswer,
  type KeyDeposit,
  type KeyDepositAnswer,
  signKeyDeposit,
} from '#peer/protocols/key-deposit.ts'
import { signKeyGrant } from '#peer/protocols/key-grant.ts'
import type { RelayPayments } from '#relay/key-keeper.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import {
  FILE,
  fileOf,
  KEY,
  type KeyWorld,
  openKeyWorld,
  owner,
  reader,
  stranger,
  wanted,
} from '#test/fakes/key-world.ts'

const DAY = 86_400_000
const { keyDeposit: PROTOCOL } = protocolsOf('test')

let world: KeyWorld
beforeEach(async () => {
  world = await openKeyWorld()
})
afterEach(() => world.stop())

const paid = (asked: PaymentClaim[] = []): RelayPayments => ({
  async isPaid(claim) {
    asked.push(claim)
    return claim.model === 3 ? { kind: 'paid', until: 1_900_000_000 } : { kind: 'unpaid', why: 'Not paid.' }
  },
})

/** What a relay says to a request that somebody signed for another one, or for nothing true. */
async function say(
  from: string,
  deposit: KeyDeposit,
  { identity = owner, route = {} }: { identity?: Identity; route?: object } = {},
): Promise<KeyDepositAnswer> {
  const { requests } = world.network.add(from)
  world.network.connect(from, 'relay')
  const between = { machine: machineOf('test'), from, to: 'relay', ...route }
  const bytes = await signKeyDeposit(deposit, between, identity)
  for await (const frame of requests.request('relay', PROTOCOL, bytes)) return decodeDepositAnswer(frame)
  throw new Error('no answer')
}

async function deposit(change: Partial<KeyDeposit & { kind: 'give' }> = {}, holder = 'relay', by = owner) {
  const until = Math.floor(world.now / 1_000) + 3_600
  const grant = await signKeyGrant({ machine: machineOf('test'), id: FILE.id, holder, until }, by)
  const { desc } = FILE
  return { kind: 'give', desc, key: KEY, readers: [owner.neuron], grant, ...change } as const
}

describe('[CH7] a relay that was given the key', () => {
  it('hands it to readers and to who has paid while the owner is gone, and to nobody else', async () => {
    const asked: PaymentClaim[] = []
    await world.addRelay('relay', { payments: paid(asked) })
    const { handed, state, leave } = world.addOwner('owner')
    const until = TEST_NOW + 30 * DAY
    expect(await handed.give(FILE.text)).toEqual({ id: FILE.text, relay: 'relay', until, payers: true })
    expect(state.value.handed).toEqual([{ id: FILE.text, relay: 'relay', until, payers: true }])
    leave()
    expect(await world.addAsker('reader', reader).ask(wanted())).toEqual({ key: KEY, until: 0 })
    expect(await world.addAsker('payer', stranger).ask(wanted(3))).toEqual({ key: KEY, until: 1_900_000_000 })
    // the owner is who published it: only a model of theirs counts
    expect(asked).toEqual([{ model: 3, id: FILE.id, people: stranger.neuron, author: owner.neuron }])
    for (const [name, model, why] of [
      ['who pays nothing', 0, 'is not among its readers'],
      ['who has not paid', 4, 'Not paid.'],
    ] as const)
      await expect(world.addAsker(name, stranger).ask(wanted(model))).rejects.toMatchObject({
        code: 'OBJECT_KEY_REFUSED',
        message: expect.stringContaining(why),
      })
  })

  it('[OB11] without a chain serves readers alone, and says so to both sides', async () => {
    await world.addRelay()
    const { handed } = world.addOwner('owner')
    expect(await handed.give(FILE.text, 'relay')).toMatchObject({ payers: false })
    expect(await world.addAsker('reader', reader).ask(wanted())).toEqual({ key: KEY, until: 0 })
    await expect(world.addAsker('payer', stranger).ask(wanted(3))).rejects.toMatchObject({
      code: 'OBJECT_KEY_REFUSED',
      message: expect.stringContaining('knows no chain'),
    })
  })

  it('[OB11] answers its owner at once, whatever its chain waits for', async () => {
    const chain = Promise.withResolvers<RelayPayments>()
    await world.addRelay('relay', { payments: chain.promise })
    const { handed } = world.addOwner('owner')
    expect(await handed.give(FILE.text)).toMatchObject({ payers: false })
    chain.resolve(paid())
    expect(await handed.give(FILE.text)).toMatchObject({ payers: true })
  })

  it('gives it no more once it is taken back, also when a payment for it is just being looked up', async () => {
    const payments: RelayPayments = {
      async isPaid() {
        await kept.remove(FILE.id)
        return { kind: 'paid', until: 0 }
      },
    }
    const kept = await world.addRelay('relay', { payments })
    await world.addOwner('owner').handed.give(FILE.text)
    await expect(world.addAsker('payer', stranger).ask(wanted(3))).rejects.toMatchObject({
      code: 'OBJECT_KEY_NOT_FOUND',
    })
  })

  it('[RE7] is kept busy by no single address, whatever peers it poses as', async () => {
    const asked: PaymentClaim[] = []
    const addressOf = (peer: string) => peer.split(' ')[0]!
    await world.addRelay('relay', { payments: paid(asked), addressOf })
    await world.addOwner('owner').handed.give(FILE.text)
    for (let i = 0; i < 20; i++)
      await world
        .addAsker(`flood ${i}`, stranger)
        .ask(wanted(4))
        .catch(() => {})
    expect(asked).toHaveLength(8)
    for (let i = 0; i < 40; i++)
      await world
        .addAsker(`flood again ${i}`, reader)
        .ask(wanted())
        .catch(() => {})
    expect(await world.addAsker('payer', stranger).ask(wanted(3))).toMatchObject({ key: KEY })
    expect(await world.addAsker('reader', reader).ask(wanted())).toMatchObject({ key: KEY })
    await expect(world.addAsker('flood 99', reader).ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_NOT_FOUND',
    })
  })

  it('[RE7] spends nothing of what is there for all on objects of which it has no key', async () => {
    await world.addRelay()
    await world.addOwner('owner').handed.give(FILE.text)
    const other = { ...wanted(), id: fileOf(owner, 4n).id }
    for (let i = 0; i < 300; i++)
      await world
        .addAsker(`flood ${i}`, stranger)
        .ask(other)
        .catch(() => {})
    expect(await world.addAsker('reader', reader).ask(wanted())).toMatchObject({ key: KEY })
  })

  it('goes on after it began anew', async () => {
    await world.addRelay()
    await world.addOwner('owner').handed.give(FILE.text)
    await world.addRelay()
    expect(await world.addAsker('reader', reader).ask(wanted())).toEqual({ key: KEY, until: 0 })
  })

  it('is believed for its time, by its own name and while its owner’s delegation holds, and by nothing else', async () => {
    const kept = await world.addRelay()
    await world.addOwner('owner').handed.give(FILE.text)
    // another relay shows the same grant
    const copy = await world.addRelay('copy')
    await copy.put(kept.get(FILE.id)!)
    await expect(world.addAsker('lost', reader, ['copy']).ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_NOT_FOUND',
    })
    // somebody who owns nothing gave it, and the relay took it all the same
    const false_ = await world.addRelay('false')
    const by = await deposit({}, 'false', stranger)
    await false_.put({ ...kept.get(FILE.id)!, grant: by.grant })
    await expect(world.addAsker('wary', reader, ['false']).ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_NOT_FOUND',
    })
    world.now += 30 * DAY - 1_000
    expect(await world.addAsker('early', reader).ask(wanted())).toEqual({ key: KEY, until: 0 })
    world.now += 1_000
    await expect(world.addAsker('late', reader).ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_NOT_FOUND',
    })
  })

  it('[RE7] takes none of what its deny list names, and hands none of it out', async () => {
    const kept = await world.addRelay()
    await world.addOwner('owner').handed.give(FILE.text)
    expect(kept.stats().keys).toBe(1)
    await world.addRelay('relay', { denied: FILE.id })
    await expect(world.addAsker('reader', reader).ask(wanted())).rejects.toMatchObject({
      code: 'OBJECT_KEY_NOT_FOUND',
    })
    expect(await say('again', await deposit())).toMatchObject({ kind: 'refused' })
  })
})

describe('[CH7] giving a key to a relay', () => {
  it('is for devices of the object’s owner, over their own connection', async () => {
    const kept = await world.addRelay()
    const refused: [string, Promise<KeyDepositAnswer>, string][] = [
      [
        'not its owner',
        say('a', await deposit({ readers: [stranger.neuron] }, 'relay', stranger), { identity: stranger }),
        'Only its owner',
      ],
      [
        'another author',
        say('b', await deposit({ readers: [reader.neuron, owner.neuron] })),
        'first of its readers',
      ],
      ['no author', say('c', await deposit({ readers: [] })), 'first of its readers'],
      ['a grant of a stranger', say('d', await deposit({}, 'relay', stranger)), 'Another wallet'],
      ['a grant for another relay', say('e', await deposit({}, 'relay2')), 'did not sign'],
      ['a desc of another object', say('f', await deposit({ desc: fileOf(owner, 4n).desc })), 'did not sign'],
      ['no desc', say('g', await deposit({ desc: new Uint8Array(40) })), ''],
      ['another connection', say('h', await deposit(), { route: { from: 'owner' } }), 'did not sign'],
      ['another relay', say('i', await deposit(), { route: { to: 'relay2' } }), 'did not sign'],
      [
        'another network',
        say('j', await deposit(), { route: { machine: machineOf('main') } }),
        'did not sign',
      ],
    ]
    for (const [what, answer, why] of refused)
      expect(await answer, what).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) })
    expect(kept.stats().keys).toBe(0)
    // a second device of the owner
    const second = await fakeIdentity(9, { wallet: 1 })
    expect(await say('k', await deposit({}, 'relay', second), { identity: second })).toMatchObject({
      kind: 'kept',
    })
  })

  it('[RE7] costs the relay little, whoever floods it', async () => {
    await world.addRelay()
    const { requests } = world.network.add('flood')
    world.network.connect('flood', 'relay')
    const told: KeyDepositAnswer[] = []
    for (let i = 0; i < 1_030; i++)
      for await (const frame of requests.request('relay', PROTOCOL, new Uint8Array(9).fill(i)))
        told.push(decodeDepositAnswer(frame))
    expect(told[0]).toMatchObject({ kind: 'refused' })
    expect(told.slice(0, 1_024).some(({ kind }) => kind === 'busy')).toBe(false)
    expect(told.at(-1)).toEqual({ kind: 'busy' })
    expect(await say('owner', await deposit())).toMatchObject({ kind: 'kept' })
  })

  it('is taken back by nobody else', async () => {
    const kept = await world.addRelay()
    await world.addOwner('owner').handed.give(FILE.text)
    const take = { kind: 'take', id: FILE.id } as const
    expect(await say('thief', take, { identity: stranger })).toMatchObject({ kind: 'refused' })
    expect(await say('postman', take, { route: { from: 'owner' } })).toMatchObject({ kind: 'refused' })
    expect(kept.stats().keys).toBe(1)
    expect(await say('second tab', take)).toEqual({ kind: 'gone' })
    expect(kept.stats().keys).toBe(0)
    expect(await say('third tab', take)).toEqual({ kind: 'gone' })
  })
})
