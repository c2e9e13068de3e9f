import { type Abi, encodeErrorResult } from 'viem'
import { describe, expect, it } from 'vitest'
import { chainError } from '#chain/chain-errors.ts'
import { explainRevert } from '#chain/wallet/contract-words.ts'
import { walletError } from '#chain/wallet/wallet-errors.ts'
import { parseWriteFailure } from '#chain/wallet/write-errors.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'

const CYBR = 10n ** 18n

/** As an endpoint refuses: the node's own error is the cause. */
function refused(message: string, data?: string): Error {
  return chainError('RPC_REFUSED', `local answered with an error: ${message}`, {
    cause: { code: 3, message, ...(data === undefined ? {} : { data }) },
  })
}

const parse = (error: unknown) => parseWriteFailure(error, explainRevert) as Error & { code: string }

describe('[CH17] what a failed write says', () => {
  it.each([
    ['insufficient funds for gas * price + value: balance 0', 'TX_FUNDS'],
    ["Insufficient funds: sender doesn't have enough funds to send tx", 'TX_FUNDS'],
    ['replacement transaction underpriced', 'TX_FEE'],
    ['max fee per gas less than block base fee', 'TX_FEE'],
    ['nonce too low: next nonce 5, tx nonce 4', 'TX_NONCE'],
    ['execution reverted', 'TX_REVERTED'],
    ['rate limit exceeded', 'TX_REFUSED'],
  ])('"%s" of a node is %s', (message, code) => {
    expect(parse(refused(message)).code).toBe(code)
  })

  it('tells a contract’s own error in words, with its values', () => {
    const low = encodeErrorResult({
      abi: landSaleAbi,
      errorName: 'BidTooLow',
      args: [7n, 100n * CYBR, 105n * CYBR],
    })
    expect(parse(refused('execution reverted', low))).toMatchObject({
      code: 'TX_REVERTED',
      message: 'The least bid is 105 CYBR; yours is 100 CYBR.',
    })
    const poor = encodeErrorResult({
      abi: cybrAbi,
      errorName: 'ERC20InsufficientBalance',
      args: ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 3n * CYBR, 5n * CYBR],
    })
    // as a wallet wraps what its node said
    const wrapped = {
      code: -32_603,
      message: 'Internal JSON-RPC error.',
      data: { code: 3, data: poor, message: 'x' },
    }
    expect(parse(wrapped)).toMatchObject({
      code: 'TX_BALANCE',
      message: 'This takes 5 CYBR, and the wallet has 3 CYBR.',
    })
  })

  it.each([
    ['CYBR', cybrAbi, 'ERC20InvalidReceiver'],
    ['a plot', landAbi, 'ERC721InvalidReceiver'],
  ] as const)('tells who sends %s to nobody so, in words', (_what, abi, errorName) => {
    const data = encodeErrorResult({ abi: abi as Abi, errorName, args: [`0x${'0'.repeat(40)}`] })
    expect(parse(refused('execution reverted', data))).toMatchObject({
      code: 'TX_RECEIVER',
      message: expect.stringMatching(/^Nobody can receive /),
    })
  })

  it('tells of a contract that takes none that it is one', () => {
    const args = ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'] as const
    const data = encodeErrorResult({ abi: landAbi, errorName: 'ERC721InvalidReceiver', args })
    expect(parse(refused('execution reverted', data))).toMatchObject({
      code: 'TX_RECEIVER',
      message: 'The contract at this address takes no plots or models. Give it to a wallet.',
    })
  })

  it('tells errors that have no words of their own by name and values', () => {
    const data = encodeErrorResult({
      abi: landSaleAbi,
      errorName: 'NotTreasury',
      args: ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
    })
    expect(explainRevert(data)).toBe(
      'The contract refuses: not treasury (caller 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed).',
    )
    expect(explainRevert('0x08c379a0')).toBeUndefined()
    expect(explainRevert('0xdeadbeef')).toBeUndefined()
  })

  it('leaves alone what the wallet said, and what no endpoint answered', () => {
    for (const error of [
      walletError('WALLET_REJECTED', 'no'),
      chainError('RPC_UNREACHABLE', 'gone'),
      new DOMException('closed', 'AbortError'),
    ]) {
      expect(parse(error)).toBe(error)
    }
  })
})
