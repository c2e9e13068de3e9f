import { encodeFunctionData } from 'viem'
import { describe, expect, it } from 'vitest'
import type { ProposedAction } from '#api/governance-types.ts'
import { decodeAction, encodeAction } from '#chain/governance/actions.ts'
import type { Hex } from '#chain/hex.ts'
import type { ContractName } from '#chain/wallet/chain-config.ts'
import { conductAbi } from '#contracts/conduct.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { textCid } from '#core/cid.ts'

const SOMEBODY = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const contracts = {
  conduct: '0x00000000000000000000000000000000000000c1',
  districts: '0x00000000000000000000000000000000000000c2',
  cybr: '0x00000000000000000000000000000000000000c3',
} as const
const at = (name: ContractName): Hex => contracts[name as keyof typeof contracts]
const reason = textCid('It shines into my window.')

describe('[CH8] what a proposal does', () => {
  const actions: readonly ProposedAction[] = [
    { kind: 'warn', parcel: 7, reason },
    { kind: 'evict', parcel: 65_534, reason },
    {
      kind: 'set-district',
      number: 3,
      district: { category: 'gambling', name: 'Casino', shape: { kind: 'ring', inner: 10, outer: 20 } },
    },
    {
      kind: 'set-district',
      number: 0,
      district: {
        category: 'general',
        name: '',
        shape: {
          kind: 'polygon',
          corners: [
            { x: -3, y: 4 },
            { x: 9, y: 4 },
            { x: 9, y: -12 },
          ],
        },
      },
    },
    { kind: 'remove-district', number: 63 },
    { kind: 'send-cybr', to: SOMEBODY, amountWei: 5n },
    { kind: 'send-coin', to: SOMEBODY, amountWei: 6n },
  ]
  it.each(actions)('$kind is read as it was meant', (action) => {
    expect(decodeAction(encodeAction(action, at), contracts)).toEqual(action)
  })

  it('is told by its function where it is another one of a known contract', () => {
    const args = [SOMEBODY, 10n ** 27n] as const
    const data = encodeFunctionData({ abi: cybrAbi, functionName: 'approve', args })
    expect(decodeAction({ target: contracts.cybr, valueWei: 0n, data }, contracts)).toMatchObject({
      kind: 'call',
      contract: 'cybr',
      functionName: 'approve',
      args: [SOMEBODY, '1000000000000000000000000000'],
    })
  })

  it('is told as it is where nobody knows it, coins and all', () => {
    const call = { target: SOMEBODY.toLowerCase() as Hex, valueWei: 1n, data: `0x${'ab'.repeat(500)}` as Hex }
    const told = decodeAction(call, contracts)
    expect(told).toMatchObject({ kind: 'call', target: SOMEBODY, valueWei: 1n })
    expect((told as { data: string }).data).toHaveLength(202)
    // a warning that pays is no warning
    const warning = encodeAction({ kind: 'warn', parcel: 7, reason }, at)
    expect(decodeAction({ ...warning, valueWei: 1n }, contracts)).toMatchObject({
      kind: 'call',
      functionName: 'warn',
      valueWei: 1n,
    })
    expect(decodeAction({ ...warning, data: warning.data.slice(0, 74) as Hex }, contracts)).toMatchObject({
      kind: 'call',
      contract: 'conduct',
    })
  })

  it('has reasons that are no CID as their bytes', () => {
    const data = encodeFunctionData({ abi: conductAbi, functionName: 'warn', args: [7n, '0x6120636964'] })
    expect(decodeAction({ target: contracts.conduct, valueWei: 0n, data }, contracts)).toMatchObject({
      reason: '0x6120636964',
    })
  })

  it('is refused before it is proposed where it could never be carried out', () => {
    expect(() => encodeAction({ kind: 'warn', parcel: 7, reason: 'because' }, at)).toThrow()
    const shape = { kind: 'ring', inner: 5, outer: 5 } as const
    expect(() =>
      encodeAction({ kind: 'set-district', number: 0, district: { category: 'adult', name: '', shape } }, at),
    ).toThrow(expect.objectContaining({ code: 'DISTRICT_INVALID' }))
  })
})
