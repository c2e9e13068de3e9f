import { CID } from 'multiformats/cid'
import { type Address, parseEventLogs, zeroAddress } from 'viem'
import { expect, it } from 'vitest'
import type { ModelIntent } from '#api/wallet-types.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import { type Hex, hexOf } from '#chain/hex.ts'
import { createBuildRights } from '#chain/land/build-rights.ts'
import { createModels } from '#chain/models/read-models.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { encodeModel } from '#chain/wallet/model-intents.ts'
import { accessAbi } from '#contracts/access.ts'
import { accessBytecode } from '#contracts/bytecode/access.ts'
import { modelBytecode } from '#contracts/bytecode/model.ts'
import { planetBytecode } from '#contracts/bytecode/planet.ts'
import { modelAbi } from '#contracts/model.ts'
import { planetAbi } from '#contracts/planet.ts'
import { utf8 } from '#core/bytes.ts'
import { dataObjectId, formatObjectId } from '#objects/object-id.ts'
import { toFixedPose } from '#objects/placement-pose.ts'
import { hastyTimers } from '../fakes/timers.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { deployLand, hashOf, idOf } from './harness/land-chain.ts'

const HOME = idOf('giveaway')
const OTHER = idOf('giveaway', 1)
/** A CIDv1 of SHA-256. */
const CONTENT = `0x01701220${'ab'.repeat(32)}` as const
const OBJECT = hashOf('an object')
interface Place {
  readonly ground: number
  readonly id: number
  readonly x: number
  readonly y: number
  readonly z: number
  readonly yaw: number
  readonly scale: number
}

const GROUND = { none: 0, parcel: 1, planet: 2 } as const
const NOWHERE: Place = { ground: 0, id: 0, x: 0, y: 0, z: 0, yaw: 0, scale: 0 }
const AT_HOME: Place = {
  ...{ ground: GROUND.parcel, id: Number(HOME) },
  ...{ x: 5_000, y: -20_000, z: -5_000, yaw: 359_999, scale: 1_000_000_000 },
}

const world = useTestChain(async (chain) => {
  const deployed = await deployLand(chain)
  const { land, cybr, people } = deployed
  const { alice, bob, minter } = people
  await chain.mined(land.write.mint([alice, HOME], { account: minter }))
  await chain.mined(land.write.mint([bob, OTHER], { account: minter }))
  const planet = await chain.deploy({ abi: planetAbi, bytecode: planetBytecode }, [land.address])
  const model = await chain.deploy({ abi: modelAbi, bytecode: modelBytecode }, [land.address, planet.address])
  const access = await chain.deploy({ abi: accessAbi, bytecode: accessBytecode }, [cybr.address])
  await chain.mined(model.write.mint([CONTENT, OBJECT, 500, zeroAddress], { account: alice }))
  return { ...deployed, planet, model, access }
})

function place(account: Address, placement: Partial<Place>, id = 1n) {
  return world().model.write.place([id, { ...AT_HOME, ...placement }], { account })
}

function tryPlace(account: Address, placement: Partial<Place>, id = 1n) {
  return world().model.simulate.place([id, { ...AT_HOME, ...placement }], { account })
}

it('[CH6] holds a content, the object that it shows, and a royalty for its author', async () => {
  const { model, chain, people } = world()
  const { alice, bob } = people
  expect(await model.read.details([1n])).toEqual({
    ...{ author: alice, royalty: 500, access: zeroAddress, objectId: OBJECT, content: CONTENT },
  })
  expect(await model.read.count()).toBe(1n)
  expect(await model.read.isAccepted([1n])).toBe(true)
  await chain.mined(model.write.transferFrom([alice, bob, 1n], { account: alice }))
  expect(await model.read.royaltyInfo([1n, 1_000n])).toEqual([alice, 50n])
  expect(await model.read.supportsInterface(['0x2a55205a'])).toBe(true)
  expect(await model.read.supportsInterface(['0x80ac58cd'])).toBe(true)
  const by = { account: alice }
  const tryMint = (content: `0x${string}`, royalty: number) =>
    model.simulate.mint([content, OBJECT, royalty, zeroAddress], by)
  await expectRevert(tryMint('0x', 0), 'WrongContent', [0n])
  await expectRevert(tryMint(`0x${'ab'.repeat(73)}`, 0), 'WrongContent', [73n])
  await expectRevert(tryMint(CONTENT, 2_501), 'RoyaltyTooHigh', [2_501n, 2_500n])
  const long = `0x${'ab'.repeat(72)}` as const
  const free = await chain.mined(model.write.mint([long, OBJECT, 2_500, zeroAddress], by))
  const told = (logs: typeof free.logs) =>
    parseEventLogs({ abi: modelAbi, logs, eventName: ['Minted', 'AccessSet'] }).map(({ args }) => args)
  const minted = { author: alice, objectId: OBJECT, content: long, royalty: 2_500 }
  expect(told(free.logs)).toEqual([{ ...minted, id: 2n }])
  for (const read of [model.read.details, model.read.placementOf, model.read.isAccepted])
    await expectRevert(read([3n]), 'ERC721NonexistentToken', [3n])
  await expectRevert(model.read.royaltyInfo([3n, 1n]), 'ERC721NonexistentToken')
  await expectRevert(model.read.maySee([3n, alice]), 'ERC721NonexistentToken')
})

it('[CH6] tells of who decides who sees it as it is minted', async () => {
  const { model, access, chain, people } = world()
  const { logs } = await chain.mined(
    model.write.mint([CONTENT, OBJECT, 0, access.address], { account: people.alice }),
  )
  const [set] = parseEventLogs({ abi: modelAbi, logs, eventName: 'AccessSet' })
  expect(set?.args).toEqual({ id: 2n, access: access.address })
})

it('[CH6] stands within a parcel on which its holder may build', async () => {
  const { model, land, chain, people } = world()
  const { alice, bob } = people
  await chain.mined(place(alice, {}))
  expect(await model.read.placementOf([1n])).toEqual(AT_HOME)
  const wrong: readonly Partial<Place>[] = [
    { ground: GROUND.none },
    ...[{ x: 5_001 }, { x: -5_001 }, { z: 5_001 }, { z: -5_001 }, { y: 20_001 }, { y: -20_001 }],
    ...[{ yaw: 360_000 }, { scale: 0 }, { scale: 1_000_000_001 }],
  ]
  for (const placement of wrong) await expectRevert(tryPlace(alice, placement), 'OutOfBounds')
  await expectRevert(tryPlace(alice, { id: Number(OTHER) }), 'MayNotBuild', [1, OTHER, alice])
  await expectRevert(tryPlace(bob, {}), 'NotHolder', [1n, bob])
  await chain.mined(land.write.setBuilder([OTHER, alice, true], { account: bob }))
  await chain.mined(place(alice, { id: Number(OTHER) }))
  expect((await model.read.placementOf([1n])).id).toBe(Number(OTHER))
  // the right to build ends, and with it the placement
  await chain.mined(land.write.setBuilder([OTHER, alice, false], { account: bob }))
  expect(await model.read.placementOf([1n])).toEqual(NOWHERE)
  await chain.mined(place(alice, {}))
  await expectRevert(model.simulate.take([1n], { account: bob }), 'NotHolder', [1n, bob])
  await chain.mined(model.write.take([1n], { account: alice }))
  expect(await model.read.placementOf([1n])).toEqual(NOWHERE)
  await expectRevert(tryPlace(alice, {}, 2n), 'ERC721NonexistentToken', [2n])
})

it('[CH6] stands on a planet, which is wider', async () => {
  const { model, planet, chain, people } = world()
  const { alice, bob } = people
  const far = { ground: GROUND.planet, x: 5_000_000, y: 5_000_000, z: -5_000_000 }
  await expectRevert(tryPlace(alice, far), 'MayNotBuild', [2, HOME, alice])
  await chain.mined(planet.write.create([HOME], { account: alice }))
  await chain.mined(place(alice, far))
  expect(await model.read.placementOf([1n])).toMatchObject(far)
  await expectRevert(tryPlace(alice, { ...far, y: 5_000_001 }), 'OutOfBounds')
  await chain.mined(planet.write.create([OTHER], { account: bob }))
  await expectRevert(tryPlace(alice, { ...far, id: Number(OTHER) }), 'MayNotBuild')
})

it('[SE3] is not accepted by whom it was given to until that one says so or places it', async () => {
  const { model, chain, people } = world()
  const { alice, bob } = people
  await chain.mined(place(alice, {}))
  await chain.mined(model.write.transferFrom([alice, bob, 1n], { account: alice }))
  expect(await model.read.isAccepted([1n])).toBe(false)
  expect(await model.read.placementOf([1n])).toEqual(NOWHERE)
  await expectRevert(model.simulate.accept([1n], { account: alice }), 'NotHolder', [1n, alice])
  await chain.mined(model.write.accept([1n], { account: bob }))
  expect(await model.read.isAccepted([1n])).toBe(true)
  await chain.mined(model.write.transferFrom([bob, people.carol, 1n], { account: bob }))
  expect(await model.read.isAccepted([1n])).toBe(false)
  await chain.mined(model.write.transferFrom([people.carol, bob, 1n], { account: people.carol }))
  await chain.mined(place(bob, { id: Number(OTHER) }))
  expect(await model.read.isAccepted([1n])).toBe(true)
})

it('[CH6] lets a contract of anybody’s decide who sees it', async () => {
  const { model, access, chain, people } = world()
  const { alice, bob } = people
  expect(await model.read.maySee([1n, bob])).toBe(true)
  await expectRevert(model.simulate.setAccess([1n, access.address], { account: bob }), 'NotHolder', [1n, bob])
  await chain.mined(model.write.setAccess([1n, access.address], { account: alice }))
  expect(await model.read.maySee([1n, bob])).toBe(true)
  await chain.mined(access.write.setOffer([model.address, 1n, 5n, 0n], { account: alice }))
  expect(await model.read.maySee([1n, bob])).toBe(false)
  expect(await model.read.maySee([1n, alice])).toBe(true)
})

const ROOT = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
const POSE = { x: 1.5, y: -0.25, z: -5, yawDegrees: 270, scale: 0.001 }

/** What a page signs: encoded by its own code, sent by somebody's account. */
async function write(account: Address, intent: ModelIntent): Promise<void> {
  const { chain, model } = world()
  await chain.mined(chain.client.sendTransaction({ account, to: model.address, data: encodeModel(intent) }))
}

/** What a page draws of a parcel by the chain's newest block. */
async function around(parcel: bigint, owner: Hex, forge?: (result: string) => string) {
  const { reader, models } = openReading(forge)
  const parcels = { ids: [Number(parcel)], ownerOf: () => owner, mayLookThrough: () => true }
  return (await models.standingAround(parcels, await reader.head())).models
}

/** What a page reads. @param forge what the node's answers to `eth_call`, which prove nothing, are turned into */
function openModels(forge?: (result: string) => string) {
  return openReading(forge).models
}

function openReading(forge: (result: string) => string = (result) => result) {
  const { chain, model, land, grid } = world()
  const forging: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    if (!String(init?.body).includes('"eth_call"')) return answer
    const { result, ...rest } = (await answer.json()) as { result: string }
    return Response.json({ ...rest, result: forge(result) })
  }
  const reader = createChainReader({
    endpoints: createEndpoints([chain.url], forging),
    timers: hastyTimers,
    now: Date.now,
  })
  const contracts = { landGrid: lower(grid.address), land: lower(land.address) }
  const rights = createBuildRights({ reader, contracts, now: Date.now })
  return { reader, models: createModels({ reader, model: lower(model.address), rights }) }
}

const lower = (address: string) => address.toLowerCase() as Hex

it('[CH6][CH13] a page mints, places, gives, accepts and takes a model, and reads each step by proof', async () => {
  const { people, land, chain } = world()
  const { alice, bob } = people
  const [me, friend] = [lower(alice), lower(bob)]
  const object = dataObjectId(utf8('what it shows'))
  await write(alice, { kind: 'mint-model', root: ROOT, object: formatObjectId(object), royalty: 500 })
  await write(alice, { kind: 'mint-model', root: ROOT, royalty: 0 })
  const [bare, minted, first] = await openModels().heldBy(me)
  expect(minted).toMatchObject({ id: 2, holder: me, author: me, royalty: 500, isAccepted: true })
  expect(minted).not.toHaveProperty('place')
  expect(CID.decode(minted!.content).toString()).toBe(ROOT)
  expect(minted?.objectId).toEqual(object)
  expect([bare?.id, bare?.objectId, bare?.access]).toEqual([3, undefined, undefined])
  expect(hexOf(first!.content)).toBe(CONTENT)

  const onPlot = { kind: 'place-model', on: 'parcel', parcel: Number(HOME), placement: POSE } as const
  await write(alice, { ...onPlot, model: 2 })
  const place = { on: 'parcel', parcel: Number(HOME), pose: toFixedPose(POSE) }
  expect(
    (await openModels().standingOn(new Set([Number(HOME)]))).map(({ id, place }) => [id, place]),
  ).toEqual([[2, place]])
  expect((await around(HOME, me)).map(({ id, place }) => [id, place])).toEqual([[2, place]])
  expect(await openModels().standingOn(new Set([Number(OTHER)]))).toEqual([])
  await write(alice, { kind: 'take-model', model: 2 })
  expect(await openModels().standingOn(new Set([Number(HOME)]))).toEqual([])
  await write(alice, { ...onPlot, model: 2 })

  // a gift leaves its place, and is its new holder's only once accepted
  await write(alice, { kind: 'give-model', model: 2, from: alice, to: bob })
  const read = openModels()
  expect(await read.heldBy(friend)).toMatchObject([{ id: 2, author: me, isAccepted: false }])
  expect((await read.heldBy(me)).map(({ id }) => id)).toEqual([3, 1])
  await write(bob, { kind: 'accept-model', model: 2 })
  expect(await read.heldBy(friend)).toMatchObject([{ id: 2, isAccepted: true }])

  // who may not build on a parcel any more has no model there
  await write(bob, { ...onPlot, model: 2, parcel: Number(OTHER) })
  expect(await openModels().standingOn(new Set([Number(OTHER)]))).toHaveLength(1)
  expect(await around(OTHER, friend)).toHaveLength(1)
  await chain.mined(land.write.transferFrom([bob, alice, OTHER], { account: bob }))
  expect(await openModels().standingOn(new Set([Number(OTHER)]))).toEqual([])
  expect(await around(OTHER, me)).toEqual([])
  expect((await openModels().heldBy(friend))[0]).not.toHaveProperty('place')
  expect(await openModels().heldBy(lower(people.carol))).toEqual([])
})

it('[CH13] a node that names other holders or places adds no model to a wallet or a parcel', async () => {
  const { people } = world()
  const { alice, bob } = people
  await write(bob, { kind: 'mint-model', root: ROOT, royalty: 0 })
  // each model is said to be Alice's, and to stand on her parcel
  const word = (value: bigint) => value.toString(16).padStart(64, '0')
  const forged = `0x${`${word(BigInt(alice))}${word((HOME << 8n) | 1n)}`.repeat(2)}`
  const forge = (result: string) => (result.length === forged.length ? forged : result)
  const lied = openModels(forge)
  expect((await lied.heldBy(lower(alice))).map(({ id }) => id)).toEqual([1])
  // nor does one that leaves some out pass for the whole truth
  await expect(lied.heldBy(lower(bob))).rejects.toMatchObject({ code: 'RPC_ANSWER_INVALID' })
  expect(await lied.standingOn(new Set([Number(HOME)]))).toEqual([])
  expect(await around(HOME, lower(alice), forge)).toEqual([])
})
