import { type Address, type Hex, zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { deployLand, idOf } from './harness/land-chain.ts'

const HOME = idOf('giveaway')
const LOT = idOf('auction')

const world = useTestChain(async (chain) => {
  const deployed = await deployLand(chain)
  const { land, people } = deployed
  for (const id of [HOME, LOT])
    await chain.mined(land.write.mint([people.alice, id], { account: people.minter }))
  return deployed
})

describe('a parcel as a token (ERC-721)', () => {
  it('says what it is', async () => {
    const { land, people } = world()
    expect(await land.read.name()).toBe('Tabland parcel')
    expect(await land.read.symbol()).toBe('LAND')
    expect(await land.read.tokenURI([HOME])).toBe(
      `data:application/json;utf8,{"name":"Tabland parcel ${HOME}"}`,
    )
    expect(await land.read.ownerOf([HOME])).toBe(people.alice)
    expect(await land.read.balanceOf([people.alice])).toBe(2n)
    const supported = ['0x01ffc9a7', '0x80ac58cd', '0x5b5e139f', '0xffffffff'] as const
    expect(await Promise.all(supported.map((id) => land.read.supportsInterface([id])))).toEqual([
      true,
      true,
      true,
      false,
    ])
    await expectRevert(land.read.balanceOf([zeroAddress]), 'ERC721InvalidOwner')
    for (const read of [land.read.ownerOf, land.read.tokenURI, land.read.getApproved])
      await expectRevert(read([HOME + 1n]), 'ERC721NonexistentToken', [HOME + 1n])
  })

  it('is handed on by its owner, whom it approved, and its operator, and by nobody else', async () => {
    const { land, chain, people } = world()
    const { alice, bob, carol, dora } = people
    const give = (account: Address, from: Address, to: Address, id = HOME) =>
      land.write.transferFrom([from, to, id], { account })
    const tryGive = (account: Address, from: Address, to: Address, id = HOME) =>
      land.simulate.transferFrom([from, to, id], { account })
    await expectRevert(tryGive(bob, alice, bob), 'ERC721InsufficientApproval', [bob, HOME])
    await expectRevert(tryGive(bob, bob, carol), 'ERC721IncorrectOwner', [bob, HOME, alice])
    await expectRevert(tryGive(alice, alice, zeroAddress), 'ERC721InvalidReceiver', [zeroAddress])
    await expectRevert(tryGive(alice, alice, bob, HOME + 1n), 'ERC721NonexistentToken')
    await chain.mined(give(alice, alice, bob))
    expect(await land.read.ownerOf([HOME])).toBe(bob)
    await expectRevert(land.simulate.approve([carol, HOME], { account: alice }), 'ERC721InvalidApprover', [
      alice,
    ])
    await chain.mined(land.write.approve([carol, HOME], { account: bob }))
    expect(await land.read.getApproved([HOME])).toBe(carol)
    await chain.mined(give(carol, bob, alice))
    // an approval ends with the transfer
    expect(await land.read.getApproved([HOME])).toBe(zeroAddress)
    await expectRevert(tryGive(carol, alice, bob), 'ERC721InsufficientApproval')
    await expectRevert(
      land.simulate.setApprovalForAll([zeroAddress, true], { account: alice }),
      'ERC721InvalidOperator',
    )
    await chain.mined(land.write.setApprovalForAll([dora, true], { account: alice }))
    expect(await land.read.isApprovedForAll([alice, dora])).toBe(true)
    await chain.mined(land.write.approve([carol, LOT], { account: dora }))
    await chain.mined(give(dora, alice, dora))
    await chain.mined(land.write.setApprovalForAll([dora, false], { account: alice }))
    await expectRevert(tryGive(dora, alice, dora, LOT), 'ERC721InsufficientApproval')
    expect(await land.read.balanceOf([alice])).toBe(1n)
    expect(await land.read.balanceOf([dora])).toBe(1n)
  })

  it('asks a contract whether it takes it, when handed on safely', async () => {
    const { land, cybr, chain, people } = world()
    const { alice, bob } = people
    const by = { account: alice }
    await chain.mined(land.write.safeTransferFrom([alice, bob, HOME], by))
    await expectRevert(
      land.simulate.safeTransferFrom([alice, cybr.address, LOT], by),
      'ERC721InvalidReceiver',
      [cybr.address],
    )
    await expectRevert(
      land.simulate.safeTransferFrom([alice, cybr.address, LOT, '0x12'], by),
      'ERC721InvalidReceiver',
    )
    await chain.mined(land.write.safeTransferFrom([alice, bob, LOT, '0x12'], by))
    expect(await land.read.balanceOf([bob])).toBe(2n)
  })

  it('stays as it is when handed to its owner', async () => {
    const { land, grid, chain, people } = world()
    const { alice, bob } = people
    await chain.mined(land.write.transferFrom([alice, bob, LOT], { account: alice }))
    const until = await grid.read.aliveUntil([alice])
    await chain.advance(100)
    await chain.mined(land.write.transferFrom([alice, alice, HOME], { account: alice }))
    expect(await grid.read.aliveUntil([alice])).toBe(until)
    expect(await land.read.balanceOf([alice])).toBe(1n)
    expect(await land.read.getVotes([alice])).toBe(1n)
  })
})

describe('votes of parcels', () => {
  it('[CH8] counts one vote for each active community parcel, of its owner until it delegates', async () => {
    const { land, chain, people } = world()
    const { alice, bob, carol } = people
    expect(await land.read.CLOCK_MODE()).toBe('mode=timestamp')
    expect(await land.read.delegates([alice])).toBe(alice)
    expect(await land.read.getVotes([alice])).toBe(2n)
    await chain.mined(land.write.delegate([carol], { account: alice }))
    expect(await land.read.delegates([alice])).toBe(carol)
    const then = BigInt(await land.read.clock())
    await chain.advance(10)
    await chain.mined(land.write.transferFrom([alice, bob, HOME], { account: alice }))
    const votes = (who: Address) => land.read.getVotes([who])
    expect([await votes(alice), await votes(bob), await votes(carol)]).toEqual([0n, 1n, 1n])
    expect(await land.read.getPastVotes([carol, then])).toBe(2n)
    expect(await land.read.getPastTotalSupply([then])).toBe(2n)
    // to nobody means to oneself
    await chain.mined(land.write.delegate([zeroAddress], { account: alice }))
    expect([await votes(alice), await votes(carol)]).toEqual([1n, 0n])
    expect(await land.read.delegates([alice])).toBe(alice)
    await expectRevert(land.read.getPastVotes([alice, then + 1_000_000n]), 'ERC5805FutureLookup')
  })

  it('takes a delegation by signature, once', async () => {
    const { land, chain, people } = world()
    const [alice] = chain.signers
    if (alice === undefined) throw new Error('no account')
    const message = { delegatee: people.bob, nonce: 0n, expiry: (await chain.now()) + 1_000n }
    const signature = await alice.signTypedData({
      domain: { name: 'Tabland', version: '1', chainId: 31_337, verifyingContract: land.address },
      types: {
        Delegation: [
          { name: 'delegatee', type: 'address' },
          { name: 'nonce', type: 'uint256' },
          { name: 'expiry', type: 'uint256' },
        ],
      },
      primaryType: 'Delegation',
      message,
    })
    const [r, s] = [signature.slice(0, 66) as Hex, `0x${signature.slice(66, 130)}` as const]
    const args = [people.bob, 0n, message.expiry, Number.parseInt(signature.slice(130), 16), r, s] as const
    await chain.mined(land.write.delegateBySig(args, { account: people.carol }))
    expect(await land.read.getVotes([people.bob])).toBe(2n)
    await expectRevert(land.simulate.delegateBySig(args, { account: people.carol }), 'InvalidAccountNonce')
  })
})
