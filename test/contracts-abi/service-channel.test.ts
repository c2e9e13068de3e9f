import { type Address, type Hex, parseEther, zeroAddress } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, it } from 'vitest'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { serviceChannelBytecode } from '#contracts/bytecode/service-channel.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { serviceChannelAbi } from '#contracts/service-channel.ts'
import { TEST_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { signPermit } from './harness/permit.ts'

const PURSE = parseEther('1000')
const DEPOSIT = 1_000n
const WINDOW = TEST_CHAIN_PARAMETERS.channels.disputeSeconds
const NONE = '0x'
/** A key of the client's page: the wallet is not asked for receipts. */
const key = privateKeyToAccount(generatePrivateKey())
const otherKey = privateKeyToAccount(generatePrivateKey())

const world = useTestChain(async (chain) => {
  const [client, relay, stranger] = chain.accounts as [Address, Address, Address]
  const cybr = await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [[{ to: client, amount: PURSE }]])
  const channel = await chain.deploy({ abi: serviceChannelAbi, bytecode: serviceChannelBytecode }, [
    cybr.address,
    WINDOW,
  ])
  await chain.mined(cybr.write.approve([channel.address, PURSE], { account: client }))
  await chain.mined(channel.write.open([relay, key.address, DEPOSIT], { account: client }))
  return { cybr, channel, client, relay, stranger, id: 1n }
})

function sign(total: bigint, { signer = key, id = 1n, chainId = 31_337 } = {}): Promise<Hex> {
  return signer.signTypedData({
    domain: {
      name: 'Tabland ServiceChannel',
      version: '1',
      chainId,
      verifyingContract: world().channel.address,
    },
    types: {
      Receipt: [
        { name: 'channel', type: 'uint256' },
        { name: 'total', type: 'uint256' },
      ],
    },
    primaryType: 'Receipt',
    message: { channel: id, total },
  })
}

/** What client, relay and contract hold of the deposits. */
async function balances() {
  const { cybr, channel, client, relay } = world()
  const [atClient, atRelay, inside] = await Promise.all(
    [client, relay, channel.address].map((who) => cybr.read.balanceOf([who])),
  )
  return { client: (atClient as bigint) - (PURSE - DEPOSIT), relay: atRelay, inside }
}

it('[CH10] an honest close: receipts are redeemed as they come, and the rest returns', async () => {
  const { channel, chain, relay, id } = world()
  await chain.mined(channel.write.redeem([id, 100n, await sign(100n)], { account: relay }))
  await chain.mined(channel.write.redeem([id, 250n, await sign(250n)], { account: relay }))
  expect(await balances()).toEqual({ client: 0n, relay: 250n, inside: 750n })
  await chain.mined(channel.write.close([id, 400n, await sign(400n)], { account: relay }))
  expect(await balances()).toEqual({ client: 600n, relay: 400n, inside: 0n })
  expect((await channel.read.channelOf([id])).client).toBe(zeroAddress)
  await expectRevert(
    channel.simulate.redeem([id, 500n, await sign(500n)], { account: relay }),
    'ChannelMissing',
    [id],
  )
})

it('[CH10] a client that closes by an old receipt is answered within the window', async () => {
  const { channel, chain, client, relay, stranger, id } = world()
  await chain.mined(channel.write.askClose([id, 100n, await sign(100n)], { account: client }))
  await expectRevert(channel.simulate.settle([id], { account: client }), 'WindowOpen')
  await chain.mined(channel.write.redeem([id, 700n, await sign(700n)], { account: relay }))
  await chain.advance(WINDOW)
  await expectRevert(channel.simulate.redeem([id, 800n, await sign(800n)], { account: relay }), 'WindowOver')
  await chain.mined(channel.write.settle([id], { account: stranger }))
  expect(await balances()).toEqual({ client: 300n, relay: 700n, inside: 0n })
})

it('[CH10] a client that closes with no answer pays what it owned up to', async () => {
  const { channel, chain, client, id } = world()
  await chain.mined(channel.write.askClose([id, 100n, await sign(100n)], { account: client }))
  await expectRevert(channel.simulate.askClose([id, 0n, NONE], { account: client }), 'CloseAlreadyAsked')
  await expectRevert(channel.simulate.addDeposit([id, 1n], { account: client }), 'CloseAlreadyAsked')
  await chain.advance(WINDOW)
  await chain.mined(channel.write.settle([id], { account: client }))
  expect(await balances()).toEqual({ client: 900n, relay: 100n, inside: 0n })
})

it('[CH10] a relay that vanishes keeps nobody’s deposit', async () => {
  const { channel, chain, client, relay, id } = world()
  await chain.mined(channel.write.redeem([id, 300n, await sign(300n)], { account: relay }))
  await expectRevert(
    channel.simulate.askClose([id, 200n, await sign(200n)], { account: client }),
    'ReceiptOld',
  )
  await chain.mined(channel.write.askClose([id, 0n, NONE], { account: client }))
  await chain.advance(WINDOW)
  await chain.mined(channel.write.settle([id], { account: client }))
  expect(await balances()).toEqual({ client: 700n, relay: 300n, inside: 0n })
})

it('[CH10] forged receipts close and pay nothing', async () => {
  const { channel, client, relay, stranger, id } = world()
  const good = await sign(500n)
  const flipped = `${good.slice(0, -2)}${good.endsWith('1b') ? '1c' : '1b'}` as Hex
  const forged: Record<string, Hex> = {
    'another key': await sign(500n, { signer: otherKey }),
    'another total': await sign(499n),
    'another channel': await sign(500n, { id: 2n }),
    'another chain': await sign(500n, { chainId: 1 }),
    'a flipped bit': flipped,
    'a cut end': good.slice(0, -2) as Hex,
    nothing: NONE,
  }
  for (const [what, signature] of Object.entries(forged)) {
    await expectRevert(channel.simulate.redeem([id, 500n, signature], { account: relay }), 'ReceiptForged')
    await expectRevert(channel.simulate.close([id, 500n, signature], { account: relay }), 'ReceiptForged')
    await expectRevert(channel.simulate.askClose([id, 500n, signature], { account: client }), 'ReceiptForged')
    expect(await balances(), what).toEqual({ client: 0n, relay: 0n, inside: DEPOSIT })
  }
  // a good one in the wrong hands
  for (const account of [stranger, client]) {
    await expectRevert(channel.simulate.redeem([id, 500n, good], { account }), 'NotParty', [
      id,
      relay,
      account,
    ])
    await expectRevert(channel.simulate.close([id, 500n, good], { account }), 'NotParty', [
      id,
      relay,
      account,
    ])
  }
  await expectRevert(channel.simulate.askClose([id, 500n, good], { account: relay }), 'NotParty')
})

it('[CH10] sums never exceed the deposit', async () => {
  const { channel, chain, client, relay, id } = world()
  const above = await sign(DEPOSIT + 1n)
  // it is paid as far as the deposit goes, and the rest once there is more
  await chain.mined(channel.write.redeem([id, DEPOSIT + 1n, above], { account: relay }))
  expect(await balances()).toEqual({ client: 0n, relay: DEPOSIT, inside: 0n })
  await expectRevert(channel.simulate.redeem([id, DEPOSIT + 1n, above], { account: relay }), 'ReceiptOld', [
    id,
    DEPOSIT + 1n,
    DEPOSIT,
  ])
  await chain.mined(channel.write.addDeposit([id, 1n], { account: client }))
  await chain.mined(channel.write.redeem([id, DEPOSIT + 1n, above], { account: relay }))
  await expectRevert(channel.simulate.redeem([id, DEPOSIT + 1n, above], { account: relay }), 'ReceiptOld')
  await expectRevert(channel.simulate.close([id, 5n, await sign(5n)], { account: relay }), 'ReceiptOld')
  await chain.mined(channel.write.close([id, 0n, NONE], { account: relay }))
  expect(await balances()).toEqual({ client: -1n, relay: DEPOSIT + 1n, inside: 0n })
})

it('[CH10] a receipt above the deposit pays the deposit when a channel closes', async () => {
  const { channel, chain, client, relay, id } = world()
  const above = await sign(DEPOSIT * 2n)
  const whole = { client: 0n, relay: DEPOSIT, inside: 0n }
  const before = await chain.client.snapshot()
  await chain.mined(channel.write.close([id, DEPOSIT * 2n, above], { account: relay }))
  expect(await balances()).toEqual(whole)
  await chain.client.revert({ id: before })
  await chain.mined(channel.write.askClose([id, DEPOSIT * 2n, above], { account: client }))
  await chain.advance(WINDOW)
  await chain.mined(channel.write.settle([id], { account: client }))
  expect(await balances()).toEqual(whole)
})

it('opens by one signed permit, and refuses what makes no channel', async () => {
  const { cybr, channel, chain, client, relay, stranger } = world()
  await chain.mined(cybr.write.approve([channel.address, 0n], { account: client }))
  const terms = { token: cybr.address, owner: client, spender: channel.address, value: 50n, nonce: 0n }
  const { deadline, v, r, s } = await signPermit(chain, terms)
  await chain.mined(
    channel.write.openWithPermit([relay, key.address, 50n, deadline, v, r, s], { account: client }),
  )
  expect(await channel.read.channelCount()).toBe(2n)
  expect(await channel.read.channelOf([2n])).toMatchObject({ client, relay, key: key.address, deposit: 50n })
  await expectRevert(channel.simulate.open([relay, key.address, 0n], { account: client }), 'DepositInvalid')
  await expectRevert(
    channel.simulate.open([zeroAddress, key.address, 1n], { account: client }),
    'PartyInvalid',
  )
  await expectRevert(channel.simulate.open([relay, zeroAddress, 1n], { account: client }), 'PartyInvalid')
  await expectRevert(channel.simulate.addDeposit([2n, 0n], { account: client }), 'DepositInvalid')
  await expectRevert(channel.simulate.addDeposit([2n, 1n], { account: stranger }), 'NotParty')
  await expectRevert(channel.simulate.settle([9n]), 'ChannelMissing', [9n])
  await expectRevert(channel.simulate.addDeposit([9n, 1n], { account: client }), 'ChannelMissing', [9n])
})
