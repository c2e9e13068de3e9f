import { describe, expect, it } from 'vitest'
import { advanceTransaction, isOpen, isPending } from '#chain/wallet/advance-transaction.ts'
import type { LoggedTransaction, Observation, TransactionStatus } from '#chain/wallet/transaction-types.ts'

const NOW = 1_795_132_800_000

function logged(status: TransactionStatus, more: Partial<LoggedTransaction> = {}): LoggedTransaction {
  return {
    ...{ id: 'a', chainId: 31_337, from: '0xaa', to: '0xbb', data: '0x', valueWei: 0n, nonce: 4 },
    ...{ intent: { kind: 'prove-life' }, at: NOW, fromBlock: 10, hash: '0xcc', raw: '0xdd' },
    status,
    ...more,
  }
}

function seen(more: Partial<Observation> = {}): Observation {
  return { now: NOW, finalBlock: 12, nonce: 4, isKnown: false, ...more }
}

describe('[CH17] a transaction', () => {
  it('is sent once the chain has heard of it, mined in a block, final once the block is', () => {
    const sent = advanceTransaction(logged({ kind: 'signed' }), seen({ isKnown: true }))
    expect(sent).toEqual({ transaction: logged({ kind: 'sent' }), resend: false })
    const receipt = { block: 14, ok: true }
    const mined = advanceTransaction(sent.transaction, seen({ receipt, isKnown: true, nonce: 5 }))
    expect(mined.transaction.status).toEqual({ kind: 'mined', block: 14 })
    const final = advanceTransaction(mined.transaction, seen({ receipt, finalBlock: 14, nonce: 5 }))
    expect(final.transaction.status).toEqual({ kind: 'final', block: 14 })
    expect(isOpen(final.transaction)).toBe(false)
  })

  it('that failed in its block says so, and is settled once that is final', () => {
    const receipt = { block: 14, ok: false }
    const { transaction } = advanceTransaction(logged({ kind: 'sent' }), seen({ receipt }))
    expect(transaction.status).toEqual({ kind: 'reverted', block: 14, isFinal: false })
    expect(isOpen(transaction)).toBe(true)
    expect(isPending(transaction)).toBe(false)
    const settled = advanceTransaction(transaction, seen({ receipt, finalBlock: 20 })).transaction
    expect(isOpen(settled)).toBe(false)
  })

  it('goes back to waiting when the chain gives up its block', () => {
    const { transaction } = advanceTransaction(logged({ kind: 'mined', block: 14 }), seen({ isKnown: true }))
    expect(transaction.status).toEqual({ kind: 'sent' })
  })

  it('is replaced once its number stays taken without it: an endpoint may lag behind another', () => {
    const at = (ms: number) => seen({ nonce: 5, now: NOW + ms })
    const first = advanceTransaction(logged({ kind: 'sent' }), at(0)).transaction
    expect(first.status).toEqual({ kind: 'sent' })
    const second = advanceTransaction(first, at(14_000)).transaction
    expect(second.status).toEqual({ kind: 'sent' })
    // its receipt came late
    const late = advanceTransaction(second, { ...at(14_500), receipt: { block: 13, ok: true } }).transaction
    expect(late).toEqual(logged({ kind: 'mined', block: 13 }))
    expect(advanceTransaction(second, at(15_000)).transaction.status).toEqual({ kind: 'replaced' })
  })

  it('that nobody knows is sent again while we have it signed, and dropped after ten minutes', () => {
    const first = advanceTransaction(logged({ kind: 'signed' }), seen())
    expect(first).toMatchObject({
      resend: true,
      transaction: { status: { kind: 'signed' }, missingSince: NOW },
    })
    const last = advanceTransaction(first.transaction, seen({ now: NOW + 600_000 }))
    expect(last).toMatchObject({ resend: false, transaction: { status: { kind: 'dropped' } } })
    // a wallet of the browser may still send it
    const back = advanceTransaction(last.transaction, seen({ receipt: { block: 15, ok: true } })).transaction
    expect(back).toEqual(logged({ kind: 'mined', block: 15 }))
  })

  it('of a wallet that signs and sends by itself is never sent by us', () => {
    const { raw: _, ...unsigned } = logged({ kind: 'sent' })
    expect(advanceTransaction(unsigned, seen()).resend).toBe(false)
  })
})
