import { type Address, type Hex, parseEther, toHex } from 'viem'
import { expect, it } from 'vitest'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { relaysBytecode } from '#contracts/bytecode/relays.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { relaysAbi } from '#contracts/relays.ts'
import { TEST_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'

const PURSE = parseEther('10000')
const { bondWei, bondDelaySeconds } = TEST_CHAIN_PARAMETERS.relays
const BOTH = 3
const PEER = toHex('a peer id')
const MULTIADDR = '/dns4/relay.example/tcp/443/tls/ws'

const world = useTestChain(async (chain) => {
  const [alice, bob] = chain.accounts as [Address, Address]
  const shares = [alice, bob].map((to) => ({ to, amount: PURSE }))
  const cybr = await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [shares])
  const relays = await chain.deploy({ abi: relaysAbi, bytecode: relaysBytecode }, [
    cybr.address,
    bondWei,
    bondDelaySeconds,
  ])
  for (const account of [alice, bob]) {
    await chain.mined(cybr.write.approve([relays.address, PURSE], { account }))
  }
  return { cybr, relays, alice, bob }
})

async function register(peer: Hex, account: Address): Promise<Hex> {
  const { relays, chain } = world()
  await chain.mined(relays.write.register([peer, MULTIADDR, BOTH, 5n], { account }))
  return relays.read.idOf([account, peer])
}

it('[CH10] lists a relay with its address, peer, price and bond', async () => {
  const { cybr, relays, alice } = world()
  const id = await register(PEER, alice)
  const relay = {
    operator: alice,
    roles: BOTH,
    bondFreeAt: 0n,
    pricePerGiB: 5n,
    bond: bondWei,
    peerId: PEER,
    multiaddr: MULTIADDR,
  }
  expect(await relays.read.list([0n, 10n])).toEqual([relay])
  expect(await relays.read.relayOf([id])).toEqual(relay)
  expect(await cybr.read.balanceOf([relays.address])).toBe(bondWei)
})

it('another operator cannot take a peer’s place on the list', async () => {
  const { relays, alice, bob } = world()
  const own = await register(PEER, alice)
  await expectRevert(
    relays.simulate.register([PEER, MULTIADDR, BOTH, 5n], { account: alice }),
    'AlreadyListed',
    [own],
  )
  const other = await register(PEER, bob)
  expect(other).not.toBe(own)
  expect((await relays.read.relayOf([own])).operator).toBe(alice)
})

it('lists by pages, and keeps the list whole when one leaves', async () => {
  const { relays, chain, alice } = world()
  const peers = ['one', 'two', 'three'].map((name) => toHex(name))
  const ids: Hex[] = []
  for (const peer of peers) ids.push(await register(peer, alice))
  await chain.mined(relays.write.retire([ids[0] as Hex], { account: alice }))
  expect(await relays.read.count()).toBe(2n)
  const list = await relays.read.list([0n, 10n])
  expect(list.map(({ peerId }) => peerId)).toEqual([peers[2], peers[1]])
  expect((await relays.read.list([1n, 10n])).map(({ peerId }) => peerId)).toEqual([peers[1]])
  expect(await relays.read.list([2n, 10n])).toEqual([])
  await chain.mined(relays.write.retire([ids[2] as Hex], { account: alice }))
  await chain.mined(relays.write.retire([ids[1] as Hex], { account: alice }))
  expect(await relays.read.count()).toBe(0n)
})

it('[CH10] gives the bond back some time after a relay has left, once, and to its operator alone', async () => {
  const { cybr, relays, chain, alice, bob } = world()
  const id = await register(PEER, alice)
  await expectRevert(relays.simulate.takeBond([id], { account: alice }), 'BondLocked')
  await chain.mined(relays.write.retire([id], { account: alice }))
  await expectRevert(relays.simulate.takeBond([id], { account: alice }), 'BondLocked')
  await expectRevert(relays.simulate.retire([id], { account: alice }), 'NotListed', [id])
  await expectRevert(relays.simulate.update([id, MULTIADDR, BOTH, 1n], { account: alice }), 'NotListed', [id])
  await chain.advance(bondDelaySeconds)
  await expectRevert(relays.simulate.takeBond([id], { account: bob }), 'NotOperator', [id, alice, bob])
  await chain.mined(relays.write.takeBond([id], { account: alice }))
  expect(await cybr.read.balanceOf([alice])).toBe(PURSE)
  await expectRevert(relays.simulate.takeBond([id], { account: alice }), 'NotOperator')
  await register(PEER, alice)
})

it('its operator says something else about it, within bounds', async () => {
  const { relays, chain, alice, bob } = world()
  const id = await register(PEER, alice)
  await chain.mined(relays.write.update([id, '/ip4/192.0.2.1/tcp/1/ws', 1, 9n], { account: alice }))
  expect(await relays.read.relayOf([id])).toMatchObject({
    multiaddr: '/ip4/192.0.2.1/tcp/1/ws',
    roles: 1,
    pricePerGiB: 9n,
  })
  await expectRevert(relays.simulate.update([id, MULTIADDR, 1, 9n], { account: bob }), 'NotOperator')
  for (const roles of [0, 4]) {
    await expectRevert(
      relays.simulate.update([id, MULTIADDR, roles, 9n], { account: alice }),
      'RolesInvalid',
      [roles],
    )
  }
  for (const multiaddr of ['', 'x'.repeat(257)]) {
    await expectRevert(relays.simulate.update([id, multiaddr, 1, 9n], { account: alice }), 'MultiaddrInvalid')
  }
  for (const peer of ['0x', `0x${'11'.repeat(65)}`] as const) {
    await expectRevert(
      relays.simulate.register([peer, MULTIADDR, 1, 9n], { account: alice }),
      'PeerIdInvalid',
    )
  }
})
