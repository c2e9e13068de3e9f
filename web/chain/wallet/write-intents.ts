import { encodeFunctionData } from 'viem'
import type { WriteIntent } from '#api/wallet-types.ts'
import { accessAbi } from '#contracts/access.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { modelAbi } from '#contracts/model.ts'
import { planetAbi } from '#contracts/planet.ts'
import { encodeGovernance } from '../governance/encode-governance.ts'
import type { Hex } from '../hex.ts'
import type { ContractAddresses, ContractName } from './chain-config.ts'
import { encodeModel } from './model-intents.ts'
import type { SignedPermit } from './permit.ts'
import { encodeStake } from './stake-writes.ts'
import { writeError } from './write-errors.ts'

/** What an intent becomes on the chain. */
export interface EncodedWrite {
  readonly to: Hex
  /** of the chain's coin */
  readonly valueWei: bigint
  /** CYBR that the contract takes, for which a permit is signed first */
  readonly pays?: { readonly spender: Hex; readonly amountWei: bigint }
  data(permit?: SignedPermit): Hex
}

/** @throws TX_NO_CHAIN when this chain has no such contract */
export function encodeIntent(intent: WriteIntent, contracts: ContractAddresses): EncodedWrite {
  const at = (name: ContractName): Hex => requireContract(contracts, name)
  switch (intent.kind) {
    case 'send-coin':
      return { to: intent.to as Hex, valueWei: intent.amountWei, data: () => '0x' }
    case 'send':
      return plain(at('cybr'), () =>
        encodeFunctionData({
          abi: cybrAbi,
          functionName: 'transfer',
          args: [intent.to as Hex, intent.amountWei],
        }),
      )
    case 'bid':
      return encodeBid(intent, at('landSale'))
    case 'settle-auction':
    case 'collect-refund':
    case 'claim-parcel':
      return plain(at('landSale'), () => encodeSale(intent))
    case 'stake':
    case 'unstake':
    case 'collect-stake':
      return encodeStake(intent, at('stake'))
    case 'create-planet':
    case 'want-portal':
    case 'agree-portal':
      return plain(at('planet'), () => encodePlanet(intent))
    case 'delegate-votes':
    case 'propose':
    case 'cast-vote':
    case 'carry-proposal':
      return { ...encodeGovernance(intent, at), valueWei: 0n }
    case 'mint-model':
    case 'place-model':
    case 'take-model':
    case 'accept-model':
    case 'give-model':
      return plain(at('model'), () => encodeModel(intent))
    case 'pay-access':
      return encodePayAccess(intent, at('access'), at(intent.thing))
    case 'set-offer':
      return plain(at('access'), () => encodeOffer(intent, at(intent.thing)))
    case 'sell-model':
      return plain(at('model'), () => encodeSell(intent, at('access')))
    case 'collect-income':
      return plain(at('access'), () => encodeFunctionData({ abi: accessAbi, functionName: 'collect' }))
    default:
      return plain(at('land'), () => encodeLand(intent))
  }
}

function plain(to: Hex, data: () => Hex): EncodedWrite {
  return { to, valueWei: 0n, data }
}

function requireContract(contracts: ContractAddresses, name: ContractName): Hex {
  const address = contracts[name]
  if (address !== undefined) return address
  throw writeError(
    'TX_NO_CHAIN',
    `This chain has no contract "${name}" that this page knows. Nothing was sent.`,
  )
}

type IntentOf<K extends WriteIntent['kind']> = Extract<WriteIntent, { readonly kind: K }>

function encodeBid({ parcel, amountWei }: IntentOf<'bid'>, to: Hex): EncodedWrite {
  return {
    to,
    valueWei: 0n,
    pays: { spender: to, amountWei },
    data: (permit) =>
      permit === undefined
        ? encodeFunctionData({ abi: landSaleAbi, functionName: 'bid', args: [BigInt(parcel), amountWei] })
        : encodeFunctionData({
            abi: landSaleAbi,
            functionName: 'bidWithPermit',
            args: [BigInt(parcel), amountWei, permit],
          }),
  }
}

function encodeSale(intent: IntentOf<'settle-auction' | 'collect-refund' | 'claim-parcel'>): Hex {
  const abi = landSaleAbi
  switch (intent.kind) {
    case 'settle-auction':
      return encodeFunctionData({ abi, functionName: 'settle', args: [BigInt(intent.parcel)] })
    case 'collect-refund':
      return encodeFunctionData({ abi, functionName: 'collectRefund' })
    case 'claim-parcel': {
      const { giveaway, parcel, owner, proof } = intent
      const args = [BigInt(giveaway), BigInt(parcel), owner as Hex, proof as readonly Hex[]] as const
      return encodeFunctionData({ abi, functionName: 'claim', args })
    }
  }
}

function encodePlanet(intent: IntentOf<'create-planet' | 'want-portal' | 'agree-portal'>): Hex {
  const abi = planetAbi
  switch (intent.kind) {
    case 'create-planet':
      return encodeFunctionData({ abi, functionName: 'create', args: [BigInt(intent.parcel)] })
    case 'want-portal':
      return encodeFunctionData({
        abi,
        functionName: 'wantPortal',
        args: [BigInt(intent.parcel), BigInt(intent.planet)],
      })
    case 'agree-portal':
      return encodeFunctionData({
        abi,
        functionName: 'agreePortal',
        args: [BigInt(intent.planet), BigInt(intent.parcel), intent.agrees],
      })
  }
}

function encodePayAccess(
  { id, amountWei, durationSeconds }: IntentOf<'pay-access'>,
  to: Hex,
  token: Hex,
): EncodedWrite {
  const seen = { price: amountWei, duration: BigInt(durationSeconds) }
  const abi = accessAbi
  return {
    to,
    valueWei: 0n,
    pays: { spender: to, amountWei },
    data: (permit) =>
      permit === undefined
        ? encodeFunctionData({ abi, functionName: 'pay', args: [token, BigInt(id), seen] })
        : encodeFunctionData({ abi, functionName: 'payWithPermit', args: [token, BigInt(id), seen, permit] }),
  }
}

/** `Access` decides who sees a model, or nobody does by payment. */
function encodeSell({ model, isForSale }: IntentOf<'sell-model'>, access: Hex): Hex {
  const args = [BigInt(model), isForSale ? access : NOBODY] as const
  return encodeFunctionData({ abi: modelAbi, functionName: 'setAccess', args })
}

const NOBODY: Hex = `0x${'00'.repeat(20)}`

function encodeOffer({ id, priceWei, durationSeconds }: IntentOf<'set-offer'>, token: Hex): Hex {
  return encodeFunctionData({
    abi: accessAbi,
    functionName: 'setOffer',
    args: [token, BigInt(id), priceWei, BigInt(durationSeconds)],
  })
}

type LandIntent = IntentOf<'prove-life' | 'move-parcel' | 'set-builder' | 'give-parcel' | 'free-parcels'>

function encodeLand(intent: LandIntent): Hex {
  const abi = landAbi
  switch (intent.kind) {
    case 'prove-life':
      return encodeFunctionData({ abi, functionName: 'proveLife' })
    case 'move-parcel': {
      const { parcel, x, y } = intent
      return encodeFunctionData({ abi, functionName: 'move', args: [BigInt(parcel), BigInt(x), BigInt(y)] })
    }
    case 'set-builder': {
      const { parcel, builder, allowed } = intent
      return encodeFunctionData({
        abi,
        functionName: 'setBuilder',
        args: [BigInt(parcel), builder as Hex, allowed],
      })
    }
    case 'give-parcel':
      return encodeFunctionData({
        abi,
        functionName: 'safeTransferFrom',
        args: [intent.from as Hex, intent.to as Hex, BigInt(intent.parcel)],
      })
    case 'free-parcels':
      return encodeFunctionData({ abi, functionName: 'free', args: [intent.parcels.map(BigInt)] })
  }
}

/** CYBR that leaves the wallet by it, and the chain's coin. */
export function amountsOf(intent: WriteIntent): { readonly cybrWei: bigint; readonly coinWei: bigint } {
  switch (intent.kind) {
    case 'send':
    case 'bid':
    case 'stake':
    case 'pay-access':
      return { cybrWei: intent.amountWei, coinWei: 0n }
    case 'send-coin':
      return { cybrWei: 0n, coinWei: intent.amountWei }
    default:
      return { cybrWei: 0n, coinWei: 0n }
  }
}
