import { type Address, encodeDeployData, getContractAddress, type Hex, keccak256, zeroHash } from 'viem'
import { accessAbi } from '#contracts/access.ts'
import { accessBytecode } from '#contracts/bytecode/access.ts'
import { conductBytecode } from '#contracts/bytecode/conduct.ts'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { distributionBytecode } from '#contracts/bytecode/distribution.ts'
import { districtsBytecode } from '#contracts/bytecode/districts.ts'
import { foundersLockBytecode } from '#contracts/bytecode/founders-lock.ts'
import { landBytecode } from '#contracts/bytecode/land.ts'
import { landSaleBytecode } from '#contracts/bytecode/land-sale.ts'
import { modelBytecode } from '#contracts/bytecode/model.ts'
import { namesBytecode } from '#contracts/bytecode/names.ts'
import { planetBytecode } from '#contracts/bytecode/planet.ts'
import { relaysBytecode } from '#contracts/bytecode/relays.ts'
import { serviceChannelBytecode } from '#contracts/bytecode/service-channel.ts'
import { stakeBytecode } from '#contracts/bytecode/stake.ts'
import { tablandGovernorBytecode } from '#contracts/bytecode/tabland-governor.ts'
import { timelockBytecode } from '#contracts/bytecode/timelock.ts'
import { conductAbi } from '#contracts/conduct.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { distributionAbi } from '#contracts/distribution.ts'
import { districtsAbi } from '#contracts/districts.ts'
import { foundersLockAbi } from '#contracts/founders-lock.ts'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { modelAbi } from '#contracts/model.ts'
import { namesAbi } from '#contracts/names.ts'
import { planetAbi } from '#contracts/planet.ts'
import { relaysAbi } from '#contracts/relays.ts'
import { serviceChannelAbi } from '#contracts/service-channel.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { tablandGovernorAbi } from '#contracts/tabland-governor.ts'
import { timelockAbi } from '#contracts/timelock.ts'
import type { ChainParameters } from '#core/chain-parameters.ts'

/** Contracts in the order of their transactions. */
const ORDER = [
  'cybr',
  'timelock',
  'governor',
  'distribution',
  'foundersLock',
  'stake',
  'names',
  'relays',
  'serviceChannel',
  'conduct',
  'districts',
  'land',
  'landSale',
  'planet',
  'model',
  'access',
] as const

type DeployedName = (typeof ORDER)[number]

/** Contracts by the names that addresses have in `addresses.<chainId>.json`. `Land` makes the grid itself. */
export type ContractName = DeployedName | 'landGrid'

export type ContractAddresses = Readonly<Record<ContractName, Address>>

export interface PlanInit {
  readonly deployer: Address
  /** of the deployer's account before the first transaction */
  readonly firstNonce: number
  readonly parameters: ChainParameters
  /** receives the founders' share as its lock opens */
  readonly founders: Address
  /** root of the first giveaway. @default none yet */
  readonly giveaway?: Hex
}

export interface DeploymentPlan {
  readonly addresses: ContractAddresses
  /** transaction i has nonce firstNonce + i */
  readonly steps: readonly PlannedContract[]
  /** tells two plans apart: other code, other parameters or another deployer */
  readonly hash: Hex
}

export interface PlannedContract {
  readonly name: DeployedName
  readonly address: Address
  /** creation code with its arguments */
  readonly initCode: Hex
}

/**
 * What is deployed where. Addresses follow from the deployer's account and nonces alone, so that contracts can be
 * built with the addresses of those that come later and nothing has to be set after it.
 */
export function planDeployment(init: PlanInit): DeploymentPlan {
  const { deployer: from, firstNonce } = init
  const at = (name: DeployedName) =>
    getContractAddress({ from, nonce: BigInt(firstNonce + ORDER.indexOf(name)) })
  const own = Object.fromEntries(ORDER.map((name) => [name, at(name)])) as Record<DeployedName, Address>
  const addresses = { ...own, landGrid: getContractAddress({ from: own.land, nonce: 1n }) }
  const codes = {
    ...moneyCodes(init, addresses),
    ...governanceCodes(init, addresses),
    ...landCodes(init, addresses),
  }
  const steps = ORDER.map((name) => ({ name, address: own[name], initCode: codes[name] }))
  const hash = keccak256(`0x${steps.map(({ initCode }) => keccak256(initCode).slice(2)).join('')}`)
  return { addresses, steps, hash }
}

function moneyCodes({ parameters, founders, deployer }: PlanInit, at: ContractAddresses) {
  const { supplyWei, percents, distribution, stake, names, relays, channels } = parameters
  const part = (percent: bigint) => (supplyWei * percent) / 100n
  const shares = [
    { to: at.distribution, amount: part(percents.distribution) },
    { to: at.timelock, amount: part(percents.treasury) },
    { to: at.foundersLock, amount: part(percents.founders) },
    ...(percents.faucet === 0n ? [] : [{ to: deployer, amount: part(percents.faucet) }]),
  ]
  const { startDelaySeconds, ...rounds } = distribution
  const sold = { ...rounds, startDelay: startDelaySeconds, amount: part(percents.distribution) }
  const { yearPriceWei, ...terms } = names
  return {
    cybr: encodeDeployData({ abi: cybrAbi, bytecode: cybrBytecode, args: [shares] }),
    distribution: encodeDeployData({
      abi: distributionAbi,
      bytecode: distributionBytecode,
      args: [at.cybr, at.timelock, sold],
    }),
    foundersLock: encodeDeployData({
      abi: foundersLockAbi,
      bytecode: foundersLockBytecode,
      args: [founders, parameters.founders],
    }),
    stake: encodeDeployData({ abi: stakeAbi, bytecode: stakeBytecode, args: [at.cybr, stake.delaySeconds] }),
    names: encodeDeployData({
      abi: namesAbi,
      bytecode: namesBytecode,
      args: [at.cybr, at.timelock, { ...terms, yearPrice: yearPriceWei }],
    }),
    relays: encodeDeployData({
      abi: relaysAbi,
      bytecode: relaysBytecode,
      args: [at.cybr, relays.bondWei, relays.bondDelaySeconds],
    }),
    serviceChannel: encodeDeployData({
      abi: serviceChannelAbi,
      bytecode: serviceChannelBytecode,
      args: [at.cybr, channels.disputeSeconds],
    }),
  }
}

function governanceCodes({ parameters: { votes, conduct } }: PlanInit, at: ContractAddresses) {
  const { tokenThresholdWei: tokenThreshold, timelockSeconds, ...terms } = votes
  return {
    timelock: encodeDeployData({
      abi: timelockAbi,
      bytecode: timelockBytecode,
      args: [timelockSeconds, at.governor],
    }),
    governor: encodeDeployData({
      abi: tablandGovernorAbi,
      bytecode: tablandGovernorBytecode,
      args: [at.cybr, at.land, at.timelock, at.conduct, at.districts, { ...terms, tokenThreshold }],
    }),
    conduct: encodeDeployData({
      abi: conductAbi,
      bytecode: conductBytecode,
      args: [at.land, at.timelock, conduct.warningsBeforeEviction, conduct.lapseSeconds, conduct.gapSeconds],
    }),
    districts: encodeDeployData({ abi: districtsAbi, bytecode: districtsBytecode, args: [at.timelock] }),
  }
}

function landCodes({ parameters: { land, landSale }, giveaway = zeroHash }: PlanInit, at: ContractAddresses) {
  return {
    land: encodeDeployData({
      abi: landAbi,
      bytecode: landBytecode,
      args: [
        {
          foundation: at.timelock,
          sale: at.landSale,
          conduct: at.conduct,
          cybr: at.cybr,
          lifePeriod: land.lifePeriodSeconds,
          missedPeriods: land.missedPeriods,
          bounty: land.bountyWei,
          growthDelay: land.growthDelaySeconds,
        },
      ],
    }),
    landSale: encodeDeployData({
      abi: landSaleAbi,
      bytecode: landSaleBytecode,
      args: [
        {
          cybr: at.cybr,
          land: at.land,
          treasury: at.timelock,
          reserve: landSale.reserveWei,
          duration: landSale.durationSeconds,
          extension: landSale.extensionSeconds,
          minRaise: landSale.minRaise,
          giveaway,
        },
      ],
    }),
    planet: encodeDeployData({ abi: planetAbi, bytecode: planetBytecode, args: [at.land] }),
    model: encodeDeployData({ abi: modelAbi, bytecode: modelBytecode, args: [at.land, at.planet] }),
    access: encodeDeployData({ abi: accessAbi, bytecode: accessBytecode, args: [at.cybr] }),
  }
}
