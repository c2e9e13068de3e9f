import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { machineOf } from '#core/machine.ts'
import { LinkIntake } from '#graph/link-intake.ts'
import { batchKey, createLinkStore } from '#graph/link-store.ts'
import { appendLinks } from '#graph/own-feed.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { link, linkVerifier } from '#test/fakes/links.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'

const YEAR_MS = 366 * 86_400_000
const identity = await fakeIdentity(1)
const device = identity.device.publicKey

function createProfile() {
  const store = createMemoryRecordStore()
  const intake = new LinkIntake({
    verifier: linkVerifier(),
    store: createLinkStore(store, (error) => {
      throw error
    }),
  })
  const append = (from: string, to: string, nowMs = TEST_NOW) =>
    appendLinks({ store, identity, machine: machineOf('test'), now: () => nowMs }, [link(from, to)])
  const linkAndTake = async (from: string, to: string) => {
    const batches = await append(from, to)
    return (await intake.ingest(batches.map(({ envelope }) => envelope))).map(({ status }) => status)
  }
  return { store, intake, append, link: linkAndTake }
}

describe("[KG1] this device's own feed", () => {
  it('[KG1] a batch that others would refuse is not written, and the next one goes on', async () => {
    const { store, append, link } = createProfile()
    await expect(append('moon', 'night', TEST_NOW - 3 * YEAR_MS)).rejects.toMatchObject({
      code: 'LINKS_NOT_AUTHORISED',
    })
    expect(store.map.size).toBe(0)
    expect(await link('moon', 'night')).toEqual(['new'])
  })

  it('[KG1] a head whose batch was dropped moves back to the last batch that is kept', async () => {
    const { store, intake, append, link } = createProfile()
    expect(await link('moon', 'night')).toEqual(['new'])
    await append('moon', 'sea')
    store.map.delete(batchKey(device, 1))
    expect(await link('moon', 'wolf')).toEqual(['new'])
    expect(intake.log.head(device)).toMatchObject({ next: 2, frozen: false })
    for (const key of [...store.map.keys()].filter((name) => name.startsWith('batch/'))) store.map.delete(key)
    const [first] = await append('sea', 'salt')
    expect(first).toMatchObject({ seq: 0 })
  })

  it('[KG1] a batch lost in the middle does not move it: others may hold the rest', async () => {
    const { store, append } = createProfile()
    for (const to of ['night', 'sea', 'wolf']) await append('moon', to)
    store.map.delete(batchKey(device, 1))
    const [next] = await append('moon', 'tide')
    expect(next?.seq).toBe(3)
    expect(store.map.has(`own/${toHex(device)}`)).toBe(true)
  })
})
