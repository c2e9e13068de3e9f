import { type Abi, decodeFunctionData, encodeFunctionData } from 'viem'
import type { ProposedAction, ProposedCall } from '#api/governance-types.ts'
import { conductAbi } from '#contracts/conduct.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { districtsAbi } from '#contracts/districts.ts'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { planetAbi } from '#contracts/planet.ts'
import { fromHex } from '#core/bytes.ts'
import { CID_BYTES, decodeCid, encodeCid, formatCid, parseDigest } from '#core/cid.ts'
import { assertDistrict, DISTRICT_CATEGORIES, type DistrictPlan } from '#core/districts.ts'
import { isParcelId } from '#core/land-rule.ts'
import { checksummed } from '../checksummed.ts'
import { type Hex, hexOf } from '../hex.ts'
import type { ContractAddresses, ContractName } from '../wallet/chain-config.ts'

/** One call of a proposal. */
export interface EncodedAction {
  readonly target: Hex
  readonly valueWei: bigint
  readonly data: Hex
}

/** @throws DISTRICT_INVALID, CID_INVALID for a reason that is no CID, what `at` throws for a contract that is not there */
export function encodeAction(action: ProposedAction, at: (name: ContractName) => Hex): EncodedAction {
  switch (action.kind) {
    case 'warn':
    case 'evict': {
      const args = [BigInt(action.parcel), hexOf(encodeCid(parseDigest(action.reason)))] as const
      return call(at('conduct'), encodeFunctionData({ abi: conductAbi, functionName: action.kind, args }))
    }
    case 'set-district':
      return call(at('districts'), encodeDistrict(action.number, action.district))
    case 'remove-district':
      return call(
        at('districts'),
        encodeFunctionData({ abi: districtsAbi, functionName: 'remove', args: [BigInt(action.number)] }),
      )
    case 'send-cybr': {
      const args = [action.to as Hex, action.amountWei] as const
      return call(at('cybr'), encodeFunctionData({ abi: cybrAbi, functionName: 'transfer', args }))
    }
    case 'send-coin':
      return { target: action.to as Hex, valueWei: action.amountWei, data: '0x' }
  }
}

function call(target: Hex, data: Hex): EncodedAction {
  return { target, valueWei: 0n, data }
}

function encodeDistrict(number: number, plan: DistrictPlan): Hex {
  assertDistrict(plan)
  const { category, name, shape } = plan
  const district = {
    category: (DISTRICT_CATEGORIES as readonly string[]).indexOf(category),
    inner: shape.kind === 'ring' ? shape.inner : 0,
    outer: shape.kind === 'ring' ? shape.outer : 0,
    corners: shape.kind === 'ring' ? [] : [...shape.corners],
    name,
  }
  return encodeFunctionData({ abi: districtsAbi, functionName: 'set', args: [BigInt(number), district] })
}

/** What a call does, as far as this page can tell; everything else is told as the call that it is. */
export function decodeAction(
  { target, valueWei, data }: EncodedAction,
  contracts: ContractAddresses,
): ProposedAction | ProposedCall {
  const contract = NAMES.find((name) => contracts[name] === target)
  if (contract === undefined && data === '0x' && valueWei > 0n) {
    return { kind: 'send-coin', to: checksummed(target), amountWei: valueWei }
  }
  const decoded = contract === undefined ? undefined : decode(ABIS[contract], data)
  // what comes with coins is none of what people propose here
  const action = decoded === undefined || valueWei > 0n ? undefined : known(contract, decoded)
  return (
    action ?? {
      kind: 'call',
      target: checksummed(target),
      ...(contract === undefined ? {} : { contract }),
      ...(decoded === undefined
        ? {}
        : { functionName: decoded.functionName, args: decoded.args.slice(0, MAX_ARGS).map(shown) }),
      valueWei,
      data: data.slice(0, MAX_SHOWN_DATA),
    }
  )
}

/** Digits of a call that are shown: enough to compare with another reader's. */
const MAX_SHOWN_DATA = 202
const MAX_ARGS = 8
const MAX_ARG_CHARS = 120

/** Contracts whose functions a proposal is likely to call. */
const ABIS = {
  conduct: conductAbi,
  districts: districtsAbi,
  cybr: cybrAbi,
  land: landAbi,
  landSale: landSaleAbi,
  planet: planetAbi,
} as const satisfies Partial<Record<ContractName, Abi>>
type KnownContract = keyof typeof ABIS
const NAMES = Object.keys(ABIS) as readonly KnownContract[]

interface Decoded {
  readonly functionName: string
  readonly args: readonly unknown[]
}

function decode(abi: Abi, data: Hex): Decoded | undefined {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data })
    return { functionName, args }
  } catch {
    return undefined // no function of it
  }
}

function known(
  contract: KnownContract | undefined,
  { functionName, args }: Decoded,
): ProposedAction | undefined {
  switch (`${contract}.${functionName}`) {
    case 'conduct.warn':
    case 'conduct.evict': {
      const [parcel, reason] = args as readonly [bigint, Hex]
      if (!isParcelId(Number(parcel))) return undefined
      return { kind: functionName as 'warn' | 'evict', parcel: Number(parcel), reason: reasonOf(reason) }
    }
    case 'districts.set': {
      const [number, district] = args as readonly [bigint, DistrictArgs]
      return { kind: 'set-district', number: Number(number), district: planOf(district) }
    }
    case 'districts.remove':
      return { kind: 'remove-district', number: Number(args[0]) }
    case 'cybr.transfer': {
      const [to, amountWei] = args as readonly [Hex, bigint]
      return { kind: 'send-cybr', to: checksummed(to), amountWei }
    }
    default:
      return undefined
  }
}

interface DistrictArgs {
  readonly category: number
  readonly inner: number
  readonly outer: number
  readonly corners: readonly { readonly x: number; readonly y: number }[]
  readonly name: string
}

function planOf({ category, inner, outer, corners, name }: DistrictArgs): DistrictPlan {
  return {
    category: DISTRICT_CATEGORIES[category] ?? 'other',
    name,
    shape: corners.length === 0 ? { kind: 'ring', inner, outer } : { kind: 'polygon', corners },
  }
}

/** The CID that the bytes of a reason are, or the bytes. */
export function reasonOf(bytes: Hex): string {
  const isCid = bytes.length === 2 + 2 * CID_BYTES && bytes.startsWith('0x1220')
  return isCid ? formatCid(decodeCid(fromHex(bytes.slice(2)))) : bytes.slice(0, MAX_SHOWN_DATA)
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? ''
  const plain = typeof value === 'string' ? value : text.replaceAll('"', '')
  return plain.length > MAX_ARG_CHARS ? `${plain.slice(0, MAX_ARG_CHARS)}…` : plain
}
