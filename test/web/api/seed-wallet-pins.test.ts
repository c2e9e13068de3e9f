import { describe, expect, it } from 'vitest'
import type { WalletPin } from '#core/seeding.ts'
import { createFakeProfile, type FakeSeedTab, makeContent, putRemote } from '#test/fakes/seed-profile.ts'

const MIB = 1024 * 1024
/** the test column of parameters.md */
const CAP = 8 * MIB

const land = (cid: string): WalletPin => ({ cid, reason: 'land', name: 'Model on plot 1, 40' })
const model = (cid: string): WalletPin => ({ cid, reason: 'model', name: 'Model No. 7' })

function item({ seeder }: FakeSeedTab, cid: string) {
  return seeder.state.value.items.find((other) => other.cid === cid)
}

async function setUp() {
  const profile = createFakeProfile()
  const tab = await profile.open({ autoPinBytes: CAP })
  return { profile, tab }
}

describe('[SE3] what the wallet owns is pinned', () => {
  it('with its reasons and a name, as long as the wallet owns it', async () => {
    const { profile, tab } = await setUp()
    const cid = await putRemote(profile, makeContent(2 * MIB, 1))
    await tab.seeder.followWallet([land(cid), model(cid)])
    await tab.until(() => item(tab, cid)?.heldBytes === 2 * MIB)
    expect(item(tab, cid)).toMatchObject({ reasons: ['land', 'model'], name: 'Model on plot 1, 40' })
    expect(tab.provided).toContain(cid)
    // the model was sold, the land not
    await tab.seeder.followWallet([land(cid)])
    await tab.until(() => item(tab, cid)?.reasons.length === 1)
    await tab.seeder.followWallet([])
    await tab.until(() => item(tab, cid)?.reasons.length === 0)
    expect(profile.failures).toEqual([])
  })

  it('beside what was published or pinned by hand, which stays when it is sold', async () => {
    const { tab } = await setUp()
    const { cid } = await tab.seeder.add(makeContent(MIB, 2), { name: 'moon.glb' })
    await tab.seeder.followWallet([model(cid)])
    await tab.until(() => item(tab, cid)?.reasons.includes('model') === true)
    expect(item(tab, cid)).toMatchObject({ reasons: ['published', 'model'], name: 'moon.glb' })
    await tab.seeder.followWallet([])
    await tab.until(() => item(tab, cid)?.reasons.length === 1)
    expect(item(tab, cid)?.reasons).toEqual(['published'])
  })

  it('within a cap, what comes first first; what is published does not count', async () => {
    const { profile, tab } = await setUp()
    await tab.seeder.add(makeContent(4 * MIB, 3))
    const cids = []
    for (const seed of [4, 5, 6]) cids.push(await putRemote(profile, makeContent(3 * MIB, seed)))
    const [first, second, third] = cids as [string, string, string]
    await tab.seeder.followWallet([land(first), model(second), model(third)])
    await tab.until(() => item(tab, second)?.heldBytes === 3 * MIB)
    expect(item(tab, third)?.reasons ?? []).toEqual([])
    expect(tab.seeder.state.value.notices[0]).toMatchObject({ code: 'SEED_WALLET_CAP' })
    // what was sold makes room
    await tab.seeder.followWallet([land(first), model(third)])
    await tab.until(() => item(tab, third)?.heldBytes === 3 * MIB)
    await tab.until(() => tab.seeder.state.value.notices.length === 0)
    expect(item(tab, second)?.reasons).toEqual([])
  })

  it('but not again what a person unpinned, unless they pin it themselves', async () => {
    const { profile, tab } = await setUp()
    const cid = await putRemote(profile, makeContent(MIB, 7))
    await tab.seeder.followWallet([model(cid)])
    await tab.until(() => item(tab, cid)?.heldBytes === MIB)
    await tab.seeder.commands.unpin(cid)
    await tab.seeder.commands.drop(cid)
    await tab.seeder.followWallet([model(cid)])
    await tab.pass(6_000)
    expect(item(tab, cid)?.reasons ?? []).toEqual([])
    await tab.seeder.commands.pin(cid)
    await tab.seeder.followWallet([model(cid)])
    await tab.until(() => item(tab, cid)?.reasons.length === 2)
  })

  it('and what nobody has, or is no content, keeps nothing from being pinned', async () => {
    const { profile, tab } = await setUp()
    const cid = await putRemote(profile, makeContent(MIB, 8))
    const missing = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
    await tab.seeder.followWallet([model(missing), model('no cid'), model(cid)])
    await tab.until(() => item(tab, cid)?.heldBytes === MIB)
    expect(item(tab, missing)?.reasons ?? []).toEqual([])
  })

  it('and what nobody gives keeps nothing from being let go', async () => {
    const { profile, tab } = await setUp()
    const [sold, slow] = [
      await putRemote(profile, makeContent(MIB, 9)),
      await putRemote(profile, makeContent(MIB, 10)),
    ]
    let asked = 0
    profile.beforeFetch = async (cid) => {
      if (cid.toString() !== slow) return
      asked += 1
      await new Promise(() => {})
    }
    await tab.seeder.followWallet([model(sold)])
    await tab.until(() => item(tab, sold)?.heldBytes === MIB)
    void tab.seeder.followWallet([model(sold), model(slow)])
    await tab.until(() => asked > 0)
    await tab.seeder.followWallet([])
    await tab.until(() => item(tab, sold)?.reasons.length === 0)
  })
})
