import { describe, expect, it } from 'vitest'
import type { BlockFacts, ProvenPage, SavedProof, VerifiedRank } from '#api/machine-types.ts'
import { fakeCid } from '#test/fakes/fake-contents.ts'
import { FAKE_ME, FAKE_NOW } from '#test/fakes/fake-facts.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createProofStore } from '#ui/proof-store.ts'

const MOON = fakeCid('moon')
const NIGHT = fakeCid('night')
const BLOCK: BlockFacts = {
  ...{ height: 12, hash: '11'.repeat(32), time: FAKE_NOW, orderer: FAKE_ME, links: 3, particles: 4 },
  ...{ rankedAt: 10, rankRoot: '22'.repeat(32), mapRoot: '33'.repeat(32), signed: '44' },
}
const PAGE: ProvenPage = {
  ...{ particle: MOON, total: 1, block: BLOCK, peer: 'relay', stakes: 'fixed', oldAt: 1 },
  results: [{ cid: NIGHT, rank: 5n, share: 0.1, index: 2, neurons: [FAKE_ME] }],
}

function setup(isNamed = true) {
  const fake = createFakeTabland()
  fake.machine.value = { isNamed, forks: [], falseStakes: [], refused: [] }
  fake.proven.set(MOON, PAGE)
  return { fake, store: createProofStore(Promise.resolve(fake.tabland), fake.machine) }
}

describe('proofs beside the results of a search', () => {
  it('are asked of nobody where no machine is named', async () => {
    const { fake, store } = setup(false)
    await store.look(MOON)
    expect(store.view.value).toEqual({ status: 'own' })
    expect(fake.calls).toEqual([])
  })

  it('tell what is verified under which block, and stay while they are asked for again', async () => {
    const { fake, store } = setup()
    const looking = store.look(MOON)
    expect(store.view.value).toEqual({ status: 'checking', particle: MOON })
    await looking
    expect(store.view.value).toMatchObject({ status: 'done', page: PAGE })
    const go = fake.hold('prove')
    const again = store.look(MOON)
    expect(store.view.value.status).toBe('done')
    const other = store.look(NIGHT)
    expect(store.view.value).toEqual({ status: 'checking', particle: NIGHT })
    go()
    await Promise.all([again, other])
    // the answer about the first came too late to be shown
    expect(store.view.value).toEqual({ status: 'nobody', particle: NIGHT })
  })

  it('tell of a failure', async () => {
    const { fake, store } = setup()
    fake.fail('prove', 'MACHINE_NONE', 'No machine.')
    await store.look(MOON)
    expect(store.view.value).toMatchObject({ status: 'failed', failure: { code: 'MACHINE_NONE' } })
  })

  it('[KG20] are opened by way of what was searched for, and checked once more', async () => {
    const { fake, store } = setup()
    const proof: SavedProof = {
      ...{ cid: NIGHT, rank: '5', index: 2, treeSize: 4, proof: [], root: BLOCK.rankRoot },
    }
    const verified: VerifiedRank = {
      ...{ cid: NIGHT, rank: 5n, share: 0.1, index: 2, treeSize: 4, root: BLOCK.rankRoot },
      ...{ leaf: '55'.repeat(32), path: [], block: BLOCK, isTrusted: true },
    }
    fake.proofs.set(NIGHT, { proof, verified })
    await store.look(MOON)
    expect(await store.open(NIGHT)).toEqual({ saved: proof, verified })
    expect(fake.calls.filter(({ command }) => command === 'proof')).toEqual([
      { command: 'proof', args: [NIGHT, MOON] },
    ])
    await expect(store.open(MOON)).rejects.toMatchObject({ code: 'RANK_UNPROVEN' })
  })
})
