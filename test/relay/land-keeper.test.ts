import { afterEach, describe, expect, it, vi } from 'vitest'
import { hexOf } from '#chain/hex.ts'
import { landRoot } from '#chain/land/land-root.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import { createTsKeccak } from '#core/keccak.ts'
import { createLazyLandKeeper } from '#relay/land-keeper.ts'
import { createFakeChain, fetchNodes } from '../fakes/fake-chain.ts'
import { GRID, landAccount, makeLand } from '../fakes/land.ts'

const keccak = createTsKeccak()
const landOf = (owner: bigint) =>
  makeLand(new Map([1, 2].map((id) => [id, { owner }])), new Map([[owner, 9]]))
const rootOf = (owner: bigint) => hexOf(landRoot(keccak, landOf(owner)))
const facts = { chainId: 31_337, rpc: ['http://node/'], contracts: { landGrid: GRID } }
const nobody = {
  requests: { handle: () => () => {}, request: () => expect.fail('nobody is asked') },
  neighbours: { connected: () => [], onConnect: () => () => {} },
}

afterEach(() => vi.unstubAllGlobals())

describe('[CH14] a relay with a chain', () => {
  it('hands on the land that it verified, whole or as what changed', async () => {
    const chain = createFakeChain()
    chain.mine([[GRID, landAccount(landOf(1n))]])
    vi.stubGlobal('fetch', fetchNodes({ node: { chain } }))
    const lines: string[] = []
    const keeper = createLazyLandKeeper(
      () => facts,
      () => ({ facts, network: 'test', transport: nobody, log: (line) => lines.push(line) }),
    )
    const verifier = createLandVerifier(keccak)
    const verify = async (bytes: Buffer | undefined, owner: bigint, base?: bigint) => {
      const before = base === undefined ? undefined : { root: rootOf(base), table: landOf(base) }
      const offer = { kind: 'snapshot', bytes: new Uint8Array(bytes!) } as const
      return (await verifier.verify(offer, rootOf(owner), before)).table
    }
    expect(await verify(await keeper.find(`/land/${rootOf(1n)}`), 1n)).toEqual(landOf(1n))
    expect(await keeper.find(`/land/${'0x00'}`)).toBeUndefined()
    expect(await keeper.find(`/land/${rootOf(1n)}/more`)).toBeUndefined()
    // a tab that is a block ahead makes it look
    chain.mine([[GRID, landAccount(landOf(2n))]])
    await vi.waitUntil(async () => (await keeper.find(`/land/${rootOf(2n)}/${rootOf(1n)}`)) !== undefined, {
      timeout: 20_000,
    })
    const changed = await keeper.find(`/land/${rootOf(2n)}/${rootOf(1n)}`)
    expect(await verify(changed, 2n, 1n)).toEqual(landOf(2n))
    expect(await keeper.find(`/land/${rootOf(9n)}`)).toBeUndefined()
    expect(lines).toEqual([])
    await keeper.stop()
  })

  it('has none before its chain stands, and none without one', async () => {
    const path = `/land/${rootOf(1n)}`
    expect(await createLazyLandKeeper(undefined, () => undefined).find(path)).toBeUndefined()
    expect(
      await createLazyLandKeeper(
        () => facts,
        () => undefined,
      ).find(path),
    ).toBeUndefined()
  })
})
