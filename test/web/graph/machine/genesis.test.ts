import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { genesisOf, machineOf } from '#core/machine.ts'
import { createGenesis, formatGenesis, machineOfGenesis, parseGenesis } from '#graph/machine/genesis.ts'
import { defaultParameters, parametersAt } from '#graph/machine/parameters.ts'

const [first, second] = ['11', '22'].map((byte) => fromHex(byte.repeat(20))) as [
  Uint8Array<ArrayBuffer>,
  Uint8Array<ArrayBuffer>,
]
const GENESIS = createGenesis('test', [second, first])

describe("[KG1] a machine's genesis", () => {
  it('[KG1] without an orderer stays what it was, byte for byte', () => {
    expect(genesisOf('main')).toBe(
      'tabland/genesis/1\nnetwork main\ndamping 17/20\norderers none\nstake each 4294967296\n',
    )
    expect(
      ['main', 'test', 'local'].map((network) => toHex(machineOf(network as 'main')).slice(0, 16)),
    ).toMatchInlineSnapshot(`
      [
        "4693e5a5ef48a9fe",
        "ff52a477d56a17a3",
        "c90d077b8352e179",
      ]
    `)
  })

  it('[KG1] is one text, whose hash is the id of the machine', () => {
    const text = formatGenesis(GENESIS)
    expect(text).toMatchInlineSnapshot(`
      "tabland/genesis/2
      network test
      batches ff52a477d56a17a30d4b7b106fd8cbc43f4ca3be3f1087de0df5a5bbe21dddf1
      orderer 1111111111111111111111111111111111111111
      orderer 2222222222222222222222222222222222222222
      stake each 4294967296 of 274877906944
      parameters 1 from 0
      damping 17/20
      rank-period 5
      desirable 1000000
      recovery 100
      link-cost 1000
      base-load 1/10
      base-price 1/4
      window 100
      adjust-every 5
      block-links 10000
      "
    `)
    expect(machineOfGenesis(GENESIS)).toEqual(sha256(utf8(text)))
    expect(parseGenesis(text)).toEqual(GENESIS)
  })

  it('[KG5] holds a table of stakes, and versions of parameters by the block that they hold from', () => {
    const [version] = GENESIS.parameters as [(typeof GENESIS.parameters)[number]]
    const genesis = {
      ...GENESIS,
      stakes: {
        kind: 'table',
        stakes: [
          [first, 5n],
          [second, 2n ** 54n],
        ],
      },
      parameters: [
        version,
        { ...version, version: 2, fromBlock: 9, basePrice: { numerator: 1n, denominator: 1n } },
      ],
    } as const
    const read = parseGenesis(formatGenesis(genesis))
    expect(read).toEqual(genesis)
    expect([0, 8, 9, 10].map((height) => parametersAt(read.parameters, height).version)).toEqual([1, 1, 2, 2])
  })

  it('[KG7] takes its stakes from a contract of a chain', () => {
    const stakes = { kind: 'chain', chainId: 31_337, contract: first, lagSeconds: 900 } as const
    const genesis = createGenesis('test', [second], stakes)
    const text = formatGenesis(genesis)
    expect(text).toContain(`\nstake chain 31337 ${'11'.repeat(20)} lag 900\n`)
    expect(parseGenesis(text)).toEqual(genesis)
    for (const wrong of [
      'chain 0 ',
      'chain 01 ',
      'chain 9999999999999999 ',
      'each 5 of 6\nstake chain 31337 ',
    ])
      expect(() => parseGenesis(text.replace('chain 31337 ', wrong))).toThrow()
    expect(() => parseGenesis(text.replace('lag 900', 'lag 86401'))).toThrow()
  })

  it('[KG5] has the figures of the specification', () => {
    expect(defaultParameters('main')).toMatchObject({
      desirable: 10n ** 9n,
      window: 16_000,
      recoveryPeriod: 16_000,
    })
    expect(defaultParameters('test')).toMatchObject({
      desirable: 10n ** 6n,
      window: 100,
      recoveryPeriod: 100,
    })
    for (const network of ['main', 'test', 'local'] as const) {
      expect(defaultParameters(network)).toMatchObject({
        linkCost: 1_000n,
        adjustEvery: 5,
        maxBlockLinks: 10_000,
        rankPeriod: 5,
      })
    }
  })

  it.each([
    ['another header', (text: string) => text.replace('genesis/2', 'genesis/3')],
    ['an unknown network', (text: string) => text.replace('network test', 'network moon')],
    ['no orderer', (text: string) => text.replace(/^orderer .*\n/gm, '')],
    ['orderers in another order', (text: string) => text.replace(/(orderer 1+\n)(orderer 2+\n)/, '$2$1')],
    ['an orderer twice', (text: string) => text.replace(/(orderer 1+\n)/, '$1$1')],
    ['no stake', (text: string) => text.replace(/^stake .*\n/gm, '')],
    [
      'a stake above the whole',
      (text: string) => text.replace(/stake each (\d+) of \d+/, 'stake each $1 of 1'),
    ],
    [
      'both kinds of stake',
      (text: string) => text.replace(/(stake each .*\n)/, `$1stake ${'11'.repeat(20)} 5\n`),
    ],
    ['a fraction not in lowest terms', (text: string) => text.replace('base-price 1/4', 'base-price 2/8')],
    ['a price above 1', (text: string) => text.replace('base-price 1/4', 'base-price 5/4')],
    ['a period of 0', (text: string) => text.replace('rank-period 5', 'rank-period 0')],
    ['a leading zero', (text: string) => text.replace('rank-period 5', 'rank-period 05')],
    ['another damping than the kernels have', (text: string) => text.replace('17/20', '4/5')],
    ['parameters that begin late', (text: string) => text.replace('from 0', 'from 1')],
    ['a missing field', (text: string) => text.replace(/^window .*\n/m, '')],
    ['a line too many', (text: string) => `${text}window 5\n`],
    ['no last line', (text: string) => text.slice(0, -1)],
    ['carriage returns', (text: string) => text.replaceAll('\n', '\r\n')],
    ['far too much', (text: string) => text + ' '.repeat(1_000_000)],
  ])('[KG1] with %s is refused', (_, change) => {
    expect(() => parseGenesis(change(formatGenesis(GENESIS)))).toThrow(
      expect.objectContaining({ code: 'GENESIS_INVALID' }),
    )
  })
})
