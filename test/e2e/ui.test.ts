import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../../scripts/lib/root.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { type ServedPage, servePage } from './pages/serve-page.ts'
import type { UiPage } from './pages/ui/page.ts'

/** In the page. */
declare const uiPage: UiPage

const SMALL = { width: 360, height: 740 }
const DESKTOP = { width: 1280, height: 800 }

let served: ServedPage
let profile: Profile
const pages: { page: Page; logs: string[] }[] = []

beforeAll(async () => {
  served = await servePage('ui')
  profile = await launchProfile()
  // a relay serves the single file beside its page
  await profile.context.route('**/tabland.html', (route) => route.fulfill({ status: 200 }))
})

afterAll(async () => {
  await profile?.close()
  await served?.close()
})

afterEach(async () => {
  for (const { page, logs } of pages.splice(0)) {
    await page.evaluate(() => localStorage.clear())
    await page.close()
    // no uncaught error, and nothing that the page's security policy would refuse
    expect(logs.filter((line) => /^(error|uncaught)/.test(line))).toEqual([])
  }
})

async function open(query = '', size = DESKTOP): Promise<Page> {
  const opened = await openPage(profile)
  pages.push(opened)
  const { page } = opened
  await page.setViewportSize(size)
  await page.goto(served.url + query)
  await page.waitForFunction(() => 'uiPage' in globalThis)
  return page
}

/** A page whose peer has joined, with words, a model and others. */
async function openJoined(query = '', size = DESKTOP): Promise<Page> {
  const page = await open(query, size)
  await page.evaluate(() => {
    const { fake } = uiPage
    const model = fake.put(new Uint8Array(1234).fill(1), 'model', 'model/gltf-binary')
    fake.addLink('lantern', 'a light in a transparent protective case')
    fake.addLink('lantern', model)
    fake.addLink('light', 'a light in a transparent protective case')
    fake.addLink('lamp', 'an artificial source of light')
    for (let i = 0; i < 15; i++) fake.addLink('moon', `thing ${i} about the moon`)
    fake.addBuild(fake.tabland.land.parcel(33, 2) ?? 0, model)
    fake.network.value = {
      ...fake.network.value,
      join: { phase: 'ready', progress: 1, readyAfterMs: 840 },
      relays: [
        {
          address: '/dns4/relay.example/tcp/443/wss',
          status: 'reserved',
          reservedUntil: Date.now() + 780_000,
        },
      ],
      peers: [
        {
          peerId: '12D3KooWPeerOfTestAAAAAAAAAAAAAAAA',
          transport: 'webrtc',
          kind: 'tab',
          lastSeen: Date.now(),
          connectedAt: Date.now() - 300_000,
          latencyMs: 18,
        },
      ],
    }
  })
  await page.getByText('Joined in 840 ms').waitFor()
  return page
}

function searchField(page: Page) {
  return page.getByRole('combobox', { name: 'Search words and things' })
}

describe('the first screen', () => {
  it('[UI1] says what this is and how joining goes, before the peer is there', async () => {
    const page = await open('?hold')
    await page.getByRole('heading', { name: /A world held up by open tabs/ }).waitFor()
    await page.getByText('Direct: peers you meet can see your network address.').waitFor()
    expect(await page.getByRole('progressbar').getAttribute('aria-label')).toBe('Joining: Starting your peer')
    await page.evaluate(() => {
      uiPage.fake.network.value = {
        ...uiPage.fake.network.value,
        join: { phase: 'reservation', progress: 0.5 },
      }
      uiPage.start()
    })
    await page.getByRole('progressbar', { name: 'Joining: Reserving a place to be reached at' }).waitFor()
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50')
  })

  it('[UI1] then shows land, search and peers, and can be put away for good', async () => {
    const page = await openJoined()
    await page.getByText('1 plot built on, of 50,000.').waitFor()
    await page.getByText('1 other tab here.').waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.reload()
    await page.waitForFunction(() => 'uiPage' in globalThis)
    await page.evaluate(() => {
      uiPage.fake.network.value = { ...uiPage.fake.network.value, join: { phase: 'ready', progress: 1 } }
    })
    await page.getByRole('button', { name: /^Joined/ }).waitFor()
    expect(await page.getByRole('heading', { name: /A world held up/ }).count()).toBe(0)
  })

  it('[UI1] is not shown again to who has seen it', async () => {
    const page = await openJoined()
    await page.reload()
    await page.waitForFunction(() => 'uiPage' in globalThis)
    await page.evaluate(() => {
      uiPage.fake.network.value = { ...uiPage.fake.network.value, join: { phase: 'ready', progress: 1 } }
    })
    await page.getByRole('button', { name: /^Joined/ }).waitFor()
    expect(await page.getByRole('heading', { name: /A world held up/ }).count()).toBe(0)
  })

  it('makes room as soon as one moves in the world', async () => {
    const page = await openJoined()
    await page.locator('canvas.world-drawn').waitFor()
    await page.keyboard.press('w')
    await page.getByRole('heading', { name: /A world held up/ }).waitFor({ state: 'detached' })
  })

  it('[UI4] says when no relay answers, and lets one try again or add one', async () => {
    const page = await open()
    await page.evaluate(() => {
      const failure = { code: 'RELAY_UNREACHABLE', message: 'No answer.' }
      uiPage.fake.network.value = {
        ...uiPage.fake.network.value,
        join: { phase: 'offline', progress: 0.2, failure },
      }
    })
    await page
      .getByRole('alert')
      .getByText(/relay does not answer/)
      .waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    expect(await page.evaluate(() => uiPage.fake.calls.map(({ command }) => command))).toContain('retry')
    await page.getByRole('button', { name: 'Add a relay' }).click()
    await page.getByRole('heading', { name: 'Network', exact: true }).waitFor()
  })

  it('[UI4] says why the peer could not be started', async () => {
    const page = await open('?hold')
    await page.evaluate(() => uiPage.refuse('STORE_OPEN_FAILED', 'No.'))
    await page
      .getByRole('alert')
      .getByText(/storage of this browser did not open/)
      .waitFor()
    await page.getByRole('button', { name: 'Reload the page' }).waitFor()
  })

  it('[UI4] goes on without a world that cannot be drawn', async () => {
    const page = await openJoined('?noworld')
    await page.getByText(/gives no 3D graphics/).waitFor()
    await page.getByRole('button', { name: 'Go on without the world' }).click()
    await page.waitForURL(/world=off/)
  })
})

describe('searching', () => {
  it('[UI3] works by the keyboard alone, from the slash to the result', async () => {
    const page = await openJoined()
    await page.keyboard.press('/')
    await page.keyboard.type('l')
    await page.getByRole('option', { name: 'lantern' }).waitFor()
    await page.keyboard.press('ArrowDown')
    const active = await searchField(page).getAttribute('aria-activedescendant')
    expect(await page.locator(`[id="${active}"]`).textContent()).toBe('lantern')
    await page.keyboard.press('Enter')
    await page.getByText('2 results').waitFor()
    const details = page.getByRole('button', { name: 'Details of a light in a transparent' })
    await details.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Result' }).waitFor()
    await page.getByRole('button', { name: /^light/ }).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('heading', { name: 'Result' }).count()).toBe(0)
    await page.keyboard.press('Escape')
    expect(await page.getByText('2 results').count()).toBe(0)
  })

  it('says how a snippet is known, in a sentence', async () => {
    const page = await openJoined()
    await searchField(page).fill('lantern')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Verified' }).first().click()
    await page.getByText(/hashed these bytes and got exactly this CID/).waitFor()
  })

  it('shows a model that stands on a plot, and leads there', async () => {
    const page = await openJoined()
    await searchField(page).fill('lantern')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Show in the world' }).click()
    await page.getByRole('heading', { name: 'Plot 33, 2' }).waitFor()
    expect(await page.evaluate(() => uiPage.world.visits.at(-1))).toEqual({ x: 33, y: 2 })
    expect(page.url()).toContain('#/33,2')
  })

  it('shows a picture of a model, and says when there can be none', async () => {
    const page = await openJoined()
    const model = await readFile(join(ROOT, 'test/vectors/models/WaterBottle.glb'))
    await page.evaluate((base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      uiPage.fake.addLink('bottle', uiPage.fake.put(bytes, 'model', 'model/gltf-binary'))
    }, model.toString('base64'))
    await searchField(page).fill('bottle')
    await page.keyboard.press('Enter')
    const picture = page.getByRole('img', { name: '3D model: bottle' })
    await picture.waitFor()
    const colors = await picture.evaluate((element) => {
      const { width, height } = element as HTMLCanvasElement
      const pixels = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height)
      return new Set(new Uint32Array(pixels?.data.buffer ?? new ArrayBuffer(0))).size
    })
    // its label alone has hundreds; without its image it is all greys
    expect(colors).toBeGreaterThan(300)
    await searchField(page).fill('lantern')
    await page.keyboard.press('Enter')
    await page.getByText('It cannot be shown here. This is not a .glb file.').waitFor()
  })

  it('[KG21] says when nothing is linked, offers what is near, and links', async () => {
    const page = await openJoined()
    await searchField(page).fill('lanterm')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing is linked from “lanterm” yet.').waitFor()
    await page.getByRole('button', { name: 'lantern', exact: true }).waitFor()
    await page.getByRole('textbox', { name: 'A text or a CID' }).fill('a word spelled wrong')
    await page.getByRole('button', { name: 'Link', exact: true }).click()
    await page.getByText('1 result').waitFor()
    await page.getByText(/linked by 0x5aAe|linked by you/).waitFor()
  })

  it('[KG21] shows more by cursor', async () => {
    const page = await openJoined()
    await searchField(page).fill('moon')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.getByText('thing 14 about the moon').waitFor()
    expect(await page.locator('.result').count()).toBe(15)
  })

  it('[UI4] waits for the peer, says so, and says why a search failed', async () => {
    const page = await open('?hold')
    await searchField(page).fill('fox')
    await page.keyboard.press('Enter')
    await page.getByText('Looking up “fox” in the links that this tab holds').waitFor()
    await page.evaluate(() => {
      uiPage.fake.fail('search', 'RANK_FAILED', 'No rank.')
      uiPage.start()
    })
    await page
      .getByRole('alert')
      .getByText(/rank could not be computed/)
      .waitFor()
  })

  it('[UI4] says which content nobody sends, and fetches it again', async () => {
    const page = await openJoined()
    await page.evaluate(() => uiPage.fake.fail('snippet', 'CONTENT_NOT_FOUND', 'Nobody.'))
    await searchField(page).fill('lamp')
    await page.keyboard.press('Enter')
    await page.getByText(/No peer that is here now has this/).waitFor()
    await page.evaluate(() => uiPage.fake.mend('snippet'))
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
    await page.getByText('an artificial source of light').waitFor()
  })
})

describe('building', () => {
  async function dropFile(page: Page, name: string, bytes: Uint8Array): Promise<void> {
    const transfer = await page.evaluateHandle(
      ([name, bytes]) => {
        const transfer = new DataTransfer()
        transfer.items.add(new File([new Uint8Array(bytes)], name))
        return transfer
      },
      [name, [...bytes]] as const,
    )
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer })
    await page.getByText('Drop the model to build with it').waitFor()
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
  }

  async function sampleModel(): Promise<Uint8Array> {
    return readFile(join(ROOT, 'test/vectors/models/AnimatedMorphCube.glb'))
  }

  it('[WO2] refuses a file that is no model, and takes another', async () => {
    const page = await openJoined()
    await dropFile(page, 'notes.txt', new TextEncoder().encode('hello'))
    await page
      .getByRole('alert')
      .getByText(/This is not a \.glb file/)
      .waitFor()
    await page.getByRole('button', { name: 'Choose another file' }).waitFor()
  })

  it('[WO2] refuses a .glb that was cut short', async () => {
    const page = await openJoined()
    await dropFile(page, 'cut.glb', (await sampleModel()).subarray(0, 100))
    await page
      .getByRole('alert')
      .getByText(/ends too early/)
      .waitFor()
  })

  it('[WO5] drop, place, publish, and link a word to it', async () => {
    const page = await openJoined()
    await dropFile(page, 'box.glb', await sampleModel())
    await page.getByText('box.glb').waitFor()
    await page.getByText('12', { exact: true }).waitFor()
    await page.getByRole('spinbutton', { name: 'Turn, °' }).fill('90')
    await page.getByRole('spinbutton', { name: 'Turn, °' }).press('Enter')
    await page.waitForFunction(() => uiPage.world.previews.at(-1)?.placement.yawDegrees === 90)
    await page.getByText(/anyone may build anywhere/).waitFor()
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByText(/^Your model stands at/).waitFor()
    const mine = await page.evaluate(() =>
      [...uiPage.fake.land.value.builds.values()]
        .filter((build) => build.mine)
        .map(({ placement }) => placement),
    )
    expect(mine).toMatchObject([{ yawDegrees: 90 }])
    await page.getByRole('textbox', { name: 'Word' }).fill('crate')
    await page.getByRole('button', { name: 'Link', exact: true }).click()
    await page.getByText('“crate” now finds your model.').waitFor()
    await searchField(page).fill('crate')
    await page.keyboard.press('Enter')
    await page.getByText('3D model').waitFor()
  })

  it('[UI4] keeps the model when publishing fails', async () => {
    const page = await openJoined()
    await dropFile(page, 'box.glb', await sampleModel())
    await page.evaluate(() => uiPage.fake.fail('publish', 'STORE_QUOTA_EXCEEDED', 'Full.'))
    await page.getByRole('button', { name: 'Publish' }).click()
    await page
      .getByRole('alert')
      .getByText(/no more room/)
      .waitFor()
    await page.evaluate(() => uiPage.fake.mend('publish'))
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
    await page.getByText(/^Your model stands at/).waitFor()
  })

  it('[WO2] does not publish what reaches over the edge of its plot', async () => {
    const page = await openJoined()
    await dropFile(page, 'box.glb', await sampleModel())
    await page.getByRole('spinbutton', { name: 'Size, ×' }).fill('400')
    await page.getByRole('spinbutton', { name: 'Size, ×' }).press('Enter')
    await page
      .getByRole('alert')
      .getByText(/more than one plot takes/)
      .waitFor()
    expect(await page.getByRole('button', { name: 'Publish' }).isDisabled()).toBe(true)
  })
})

describe('land', () => {
  it('[WO3] goes where the map is clicked, and back', async () => {
    const page = await openJoined()
    await page.getByRole('button', { name: 'Land', exact: true }).click()
    const map = page.getByRole('img', { name: /Map of the mainland/ })
    const box = await map.boundingBox()
    if (box === null) throw new Error('no map')
    await map.click({ position: { x: box.width * 0.75, y: box.height / 2 } })
    await page.getByRole('heading', { name: /^Plot 6\d/ }).waitFor()
    expect(page.url()).toMatch(/#\/6\d,-?[01]$/)
    await page.getByRole('button', { name: 'Tabland', exact: true }).click()
    await page.waitForFunction(() => location.hash === '#/0,0')
    await page.goBack()
    await page.waitForFunction(() => uiPage.world.visits.at(-1)?.x !== 0)
  })

  it('[WO3] opens the card of a link, without a world too, and keeps it with the address', async () => {
    const page = await open('?world=off#/33,2')
    await page.getByRole('heading', { name: 'Plot 33, 2' }).waitFor()
    await page.evaluate(() => {
      location.hash = '#/40,1'
    })
    await page.getByRole('heading', { name: 'Plot 40, 1' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Plot 33, 2' }).waitFor()
    await page.evaluate(() => {
      location.hash = '#/0,0'
    })
    await page.getByRole('heading', { name: /^Plot/ }).waitFor({ state: 'detached' })
  })

  it('takes one’s own model off its plot, after asking', async () => {
    const page = await openJoined()
    await page.evaluate(() => {
      const { fake, ui } = uiPage
      const parcel = fake.tabland.land.parcel(40, 1) ?? 0
      fake.addBuild(parcel, fake.put('x'), '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')
      ui.session.goTo({ x: 40, y: 1 })
    })
    await page.getByText('Built by you').waitFor()
    await page.getByRole('button', { name: 'Take it down' }).click()
    await page.getByText(/Take your model off this plot/).waitFor()
    await page.getByRole('button', { name: 'Take it down' }).click()
    await page.getByText('Nobody has built here.').waitFor()
  })

  it('says why a model is not shown on its plot', async () => {
    const page = await openJoined()
    await page.evaluate(() => {
      const { world, ui, fake } = uiPage
      ui.session.goTo({ x: 33, y: 2 })
      const failure = { code: 'MODEL_FETCH', message: 'Nobody.' }
      world.failures.value = new Map([[fake.tabland.land.parcel(33, 2) ?? 0, failure]])
    })
    await page.getByText('This model is not shown:').waitFor()
    await page.getByText(/Nobody who is here can send this model/).waitFor()
  })
})

describe('seeding', () => {
  /** A profile that keeps hundreds of things, of which the first is its own. */
  async function openSeeding(size = DESKTOP): Promise<Page> {
    const page = await openJoined('', size)
    await page.evaluate(() => {
      const { seed, put } = uiPage.fake
      const items = Array.from({ length: 300 }, (_, index) => ({
        cid: put(`thing ${index}`),
        name: `thing ${index}.txt`,
        reasons: index === 0 ? (['published'] as const) : [],
        bytes: 1000 + index,
        heldBytes: 1000 + index,
        usedAt: Date.now() - index * 1000,
        ...(index === 0 ? {} : { worth: index / 1e12 }),
        holders: [],
        sentBytes: 0,
        receivedBytes: 0,
      }))
      const start = Math.floor(Date.now() / 3_600_000) * 3_600_000
      seed.value = {
        ...seed.value,
        items,
        pinnedBytes: 1000,
        cachedBytes: 344_851,
        history: [{ start, sentBytes: 2_000_000, receivedBytes: 500_000 }],
        serving: { status: 'served', items: 1, wholeItems: 1, reachablePeers: 1, takingPeers: 0 },
      }
    })
    await page.getByRole('button', { name: 'Seed', exact: true }).click()
    await page.locator('.sheet h2').waitFor()
    return page
  }

  it('[SE6] says in one line whether what is mine can be fetched, and in the chip', async () => {
    const page = await openSeeding()
    await page.getByText('What is yours can be fetched right now; 1 peer is connected').waitFor()
    await page.getByRole('button', { name: /^Joined, 1 peer, seeding 1, direct/ }).waitFor()
  })

  it('[SE3] lists hundreds by pages, by reason and by order', async () => {
    const page = await openSeeding()
    expect(await page.locator('.seed-row').count()).toBe(50)
    await page.getByRole('button', { name: 'Show 50 more' }).click()
    expect(await page.locator('.seed-row').count()).toBe(100)
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Size')
    expect(await page.locator('.seed-name').first().textContent()).toBe('thing 299.txt')
    await page.getByRole('radio', { name: 'Mine' }).check()
    expect(await page.locator('.seed-name').allTextContents()).toEqual(['thing 0.txt'])
  })

  it('[UI3] pins, drops and asks first by the keyboard alone', async () => {
    const page = await openSeeding()
    await page.getByRole('radio', { name: 'Cached' }).check()
    await page.locator('.seed-row').first().focus()
    await page.keyboard.press('Enter')
    await page.getByText(/It goes when room is needed/).waitFor()
    await page.getByRole('button', { name: 'Delete here' }).press('Enter')
    await page.getByText(/may be gone for good/).waitFor()
    await page.getByRole('button', { name: 'Delete all the same' }).press('Enter')
    await page.locator('.seed-row', { hasText: 'thing 1.txt' }).waitFor({ state: 'detached' })
    await page.locator('.seed-row').first().press('Enter')
    await page.getByRole('button', { name: 'Pin', exact: true }).last().press('Enter')
    await page.getByRole('radio', { name: 'Mine' }).check()
    await page.locator('.seed-row', { hasText: 'thing 2.txt' }).waitFor()
  })

  it('[SE5] takes a file, says what failed of a CID, and goes on', async () => {
    const page = await openSeeding()
    await page.setInputFiles('input[type=file]', {
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('hello'),
    })
    await page.getByText('notes.txt is seeded from here now.').waitFor()
    await page.evaluate(() => uiPage.fake.fail('pin', 'CONTENT_NOT_FOUND', 'Nobody.'))
    const cid = await page.evaluate(() => uiPage.fake.put('far away'))
    await page.getByRole('textbox', { name: 'CID to pin' }).fill(cid)
    await page.getByRole('textbox', { name: 'CID to pin' }).press('Enter')
    await page.getByText(/No peer that is here now has this/).waitFor()
    await page.evaluate(() => uiPage.fake.mend('pin'))
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
    await page.locator('.seed-job').waitFor({ state: 'detached' })
    await page.getByRole('radio', { name: 'Mine' }).check()
    expect(await page.locator('.seed-row').count()).toBe(3)
  })

  it('[SE4] saves settings, lifts a cap, and says what is wrong beside the field', async () => {
    const page = await openSeeding()
    await page.getByRole('radio', { name: 'Settings' }).check()
    const quota = page.getByRole('textbox', { name: 'Room for all of it' })
    await quota.fill('ten')
    await quota.press('Enter')
    await page.getByText('This is no number, such as 10 or 0.5.').waitFor()
    await quota.fill('4,5')
    await quota.press('Enter')
    await page.getByText('Saved.').waitFor()
    await page.getByRole('textbox', { name: 'Upload while hidden, at most' }).fill('')
    await page.getByRole('textbox', { name: 'Upload while hidden, at most' }).press('Tab')
    await page.waitForFunction(() => !('hiddenUploadCap' in uiPage.fake.seed.value.settings))
    expect(await page.evaluate(() => uiPage.fake.seed.value.settings.quotaBytes)).toBe(4_500_000_000)
    await page.evaluate(() => uiPage.fake.fail('set', 'SEED_SETTING', 'At most 32.'))
    await page.getByRole('textbox', { name: 'Copies wanted' }).fill('99')
    await page.getByRole('textbox', { name: 'Copies wanted' }).press('Enter')
    await page.getByText('At most 32.').waitFor()
  })

  it('plots a week, and tells it in a table', async () => {
    const page = await openSeeding()
    await page.getByRole('radio', { name: 'Traffic' }).check()
    await page.getByRole('img', { name: /2 MB sent, 500 kB received in all/ }).waitFor()
    await page.getByText('As a table').click()
    await page.getByRole('cell', { name: '2 MB', exact: true }).waitFor()
  })

  it('asks what to do when pins exceed the quota, and does it', async () => {
    const page = await openSeeding()
    await page.evaluate(() => {
      const { seed } = uiPage.fake
      const notices = [{ code: 'SEED_PINS_EXCEED_QUOTA', message: 'Too much is pinned.' }]
      seed.value = { ...seed.value, pinnedBytes: 12e9, notices }
    })
    await page.getByRole('button', { name: 'Raise the quota to 14 GB' }).click()
    await page.locator('.seed-notice').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => uiPage.fake.seed.value.settings.quotaBytes)).toBe(14e9)
  })

  it('[UI3] fits 360 px and stands out from its ground in the dark, in each of its views', async () => {
    const page = await openSeeding(SMALL)
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    await page.locator('.seed-row').first().click()
    for (const view of ['Items', 'Traffic', 'Settings']) {
      await page.getByRole('radio', { name: view }).check()
      expect(await page.evaluate(overEdges), view).toEqual([])
      expect(await page.evaluate(lowContrast), view).toEqual([])
    }
  })

  it('opens a content that a link names, and forgets it when it is closed', async () => {
    const page = await openSeeding()
    const cid = await page.evaluate(() => uiPage.fake.put('thing 7'))
    const link = await page.evaluate((cid) => uiPage.ui.session.navigation.linkToContent(cid), cid)
    expect(link).toContain(`#open=${cid}`)
    await page.keyboard.press('Escape')
    await page.evaluate((cid) => {
      location.hash = `#open=${cid}`
    }, cid)
    await page.getByText('thing 7', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => !location.hash.includes('open='))
  })

  it('tells once how to pin the tab, after something of mine is here', async () => {
    const page = await openSeeding()
    await page.evaluate(() => uiPage.ui.session.endWelcome())
    const hint = page.getByRole('heading', { name: 'Pin this tab to keep serving' })
    await page.setInputFiles('input[type=file]', {
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('hello'),
    })
    await page.getByText('notes.txt is seeded from here now.').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.welcome', { has: hint }).waitFor()
    await page.locator('.welcome').getByRole('button', { name: 'Dismiss' }).click()
    expect(await page.locator('.welcome').count()).toBe(0)
    expect(await page.evaluate(() => localStorage.getItem('tabland:ui:pin-hint'))).toBe('yes')
  })
})

describe('network and wallet', () => {
  it('[UI2] show relays, peers and how each is reached', async () => {
    const page = await openJoined()
    await page.getByRole('button', { name: /^Joined, 1 peer, direct/ }).click()
    await page.getByText('reserved for another 13 min').waitFor()
    await page.getByText('Tab · direct (WebRTC)').waitFor()
    await page.getByText(/wss\/p2p-circuit\/p2p\/12D3Ko/).waitFor()
    await page.getByText('18 ms').waitFor()
  })

  it('[UI4] say what is wrong with an address, and keep it', async () => {
    const page = await openJoined()
    await page.evaluate(() => uiPage.fake.fail('addRelay', 'RELAY_ADDRESS_INVALID', '"x" is no address.'))
    await page.getByRole('button', { name: 'Network', exact: true }).click()
    const field = page.getByRole('textbox', { name: 'Address of a relay' })
    await field.fill('x')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('"x" is no address.').waitFor()
    expect(await field.inputValue()).toBe('x')
  })

  it('show the recovery phrase only when asked twice', async () => {
    const page = await openJoined()
    await page.evaluate(() => {
      uiPage.fake.wallet.value = {
        address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
        device: '8Jx3kqW5nVbY2rTzQmL7',
        burner: true,
        sealed: false,
      }
    })
    await page.getByRole('button', { name: 'Wallet' }).click()
    await page.getByRole('button', { name: 'Show recovery phrase' }).click()
    expect(await page.evaluate(() => uiPage.fake.calls.map(({ command }) => command))).not.toContain(
      'exportPhrase',
    )
    await page.getByRole('button', { name: 'I am alone: show it' }).click()
    expect(await page.getByRole('list', { name: 'Recovery phrase' }).getByRole('listitem').count()).toBe(12)
  })
})

describe('[UI3] every size, theme and hand', () => {
  const PANELS = ['Search', 'Land', 'Build', 'Seed', 'Network', 'Wallet', 'More']

  it('fits 360 px: nothing reaches over an edge, every panel opens', async () => {
    const page = await openJoined('', SMALL)
    for (const name of PANELS) {
      await page.getByRole('button', { name, exact: true }).click()
      await page.locator('.sheet h2').waitFor()
      const over = await page.evaluate(overEdges)
      expect(over, name).toEqual([])
    }
  })

  it('has text that stands out from its ground, in both themes', async () => {
    const page = await openJoined()
    // colours on their way from one theme to the other are nobody's to read
    await page.emulateMedia({ reducedMotion: 'reduce' })
    for (const theme of ['Light', 'Dark']) {
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('radio', { name: theme }).check()
      await page.keyboard.press('Escape')
      for (const name of PANELS) {
        await page.getByRole('button', { name, exact: true }).click()
        await page.locator('.sheet h2').waitFor()
        expect(await page.evaluate(lowContrast), `${theme} ${name}`).toEqual([])
      }
      await page.keyboard.press('Escape')
    }
  })

  it('names every control', async () => {
    const page = await openJoined()
    for (const name of PANELS) {
      await page.getByRole('button', { name, exact: true }).click()
      await page.locator('.sheet h2').waitFor()
      const unnamed = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, input, a[href]')]
          .filter((element) => element.closest('[aria-hidden="true"]') === null)
          .filter((element) => {
            const labels = (element as HTMLInputElement).labels?.length ?? 0
            return labels === 0 && !element.getAttribute('aria-label') && !element.textContent?.trim()
          })
          .map((element) => element.outerHTML),
      )
      expect(unnamed, name).toEqual([])
    }
  })

  it('gives the focus back to the rail when a panel is closed', async () => {
    const page = await openJoined()
    await page.getByRole('button', { name: 'Land', exact: true }).click()
    await page.locator('.sheet h2').waitFor()
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => document.activeElement?.id === 'rail-land')
  })

  it('moves nothing under prefers-reduced-motion', async () => {
    const page = await open()
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const moving = await page.evaluate(() => document.getAnimations().length)
    expect(moving).toBe(0)
  })
})

/** In the page: elements that reach over the left or right edge. */
function overEdges(): string[] {
  const wide = [...document.querySelectorAll<HTMLElement>('.shell *')].filter((element) => {
    const { right, left, width } = element.getBoundingClientRect()
    const isHidden = element.closest('.visually-hidden, .stage, [hidden]') !== null
    return width > 0 && !isHidden && (right > innerWidth + 0.5 || left < -0.5)
  })
  return wide.map((element) => element.className)
}

/** In the page: texts whose contrast with their nearest ground is below WCAG AA (4.5, or 3 when large). */
function lowContrast(): string[] {
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return ['no canvas']
  const toRgba = (color: string): readonly number[] => {
    context.clearRect(0, 0, 1, 1)
    context.fillStyle = color
    context.fillRect(0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data]
  }
  const luminance = ([r = 0, g = 0, b = 0]: readonly number[]): number => {
    const [lr = 0, lg = 0, lb = 0] = [r, g, b].map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb
  }
  // tints lie over the first solid ground below them
  const groundOf = (element: Element | null): readonly number[] => {
    if (element === null) return [255, 255, 255]
    const [r = 0, g = 0, b = 0, a = 0] = toRgba(getComputedStyle(element).backgroundColor)
    if (a === 255) return [r, g, b]
    const below = groundOf(element.parentElement)
    const share = a / 255
    return [r, g, b].map((value, i) => value * share + (below[i] ?? 0) * (1 - share))
  }
  const walker = document.createTreeWalker(
    document.querySelector('.shell') ?? document.body,
    NodeFilter.SHOW_TEXT,
  )
  const low: string[] = []
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement
    if (element === null || node.textContent?.trim() === '') continue
    if (element.closest('.visually-hidden, :disabled, [hidden]') || !element.checkVisibility()) continue
    const style = getComputedStyle(element)
    const text = luminance(toRgba(style.color))
    const ground = luminance(groundOf(element))
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
    const needed = Number.parseFloat(style.fontSize) >= 18.66 ? 3 : 4.5
    if (contrast < needed) low.push(`${node.textContent}: ${contrast.toFixed(2)}`)
  }
  return low
}

/** In the page: where the pointer is over a dot of the picture that is not the one in the middle. */
function findDot(canvas: HTMLElement): { x: number; y: number } {
  const box = canvas.getBoundingClientRect()
  const top = canvas.querySelector('.sigma-mouse')
  const isDot = (clientX: number, clientY: number): boolean => {
    top?.dispatchEvent(new MouseEvent('mousemove', { clientX, clientY, bubbles: true }))
    return canvas.style.cursor === 'pointer'
  }
  for (let y = box.top; y < box.bottom; y += 8)
    for (let x = box.left; x < box.right; x += 8) if (isDot(x, y)) return { x, y }
  throw new Error('No dot was drawn.')
}

describe('[KG21] the graph', () => {
  it('[KG21] is drawn around a result, and one goes on from there, by list, picture and address', async () => {
    const page = await openJoined()
    await searchField(page).fill('lantern')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Show a light in .* in the graph$/ }).click()
    const panel = page.getByRole('region', { name: 'a light in a transparent protective case' })
    await panel.getByText('4 particles and 3 links are drawn. None is left out.').waitFor()
    await panel
      .getByRole('img', { name: /^Picture of the list/ })
      .locator('canvas')
      .first()
      .waitFor()
    const steps = panel.getByRole('button', { name: /leads here/ })
    expect(await steps.allInnerTexts()).toHaveLength(2)
    await steps.filter({ hasText: 'lantern' }).click()
    await page.getByRole('heading', { name: 'lantern', exact: true }).waitFor()
    const address = page.url()
    expect(address).toMatch(/#.*graph=Qm/)
    await page.goBack()
    await page.getByRole('heading', { name: 'a light in a transparent protective case' }).waitFor()
    // the link alone leads there too
    await page.getByRole('button', { name: 'Close' }).click()
    await page.evaluate((to) => location.assign(to), address)
    await page.getByRole('heading', { name: 'lantern', exact: true }).waitFor()
    // its dots are drawn and can be chosen
    const dot = await page.locator('.graph-canvas').evaluate(findDot)
    await page.mouse.click(dot.x, dot.y)
    await expect.poll(() => page.url()).not.toBe(address)
  })

  it('[KG10] shows how the rank came about, and ranks and measures by each kernel', async () => {
    const page = await openJoined()
    await page.evaluate(async () => void (await uiPage.fake.tabland.rank.compute()))
    await page.getByRole('button', { name: 'Graph', exact: true }).click()
    await page.getByRole('button', { name: 'How ranks are computed' }).click()
    const panel = page.getByRole('region', { name: 'Rank' })
    await panel.getByText('None: this is the merged set of all links that are here.').waitFor()
    await panel.getByText('48 million/s').waitFor()
    await panel
      .getByRole('img', { name: 'Change of all ranks in an iteration, over 48 iterations' })
      .waitFor()
    await panel.getByRole('button', { name: 'By JavaScript' }).click()
    await panel.getByRole('definition').filter({ hasText: 'JavaScript' }).waitFor()
    await panel.getByRole('button', { name: 'Measure' }).click()
    await panel.getByText('All gave the same bits.').waitFor()
    expect(await panel.getByRole('row', { name: /^WebAssembly/ }).innerText()).toContain('10×')
  })

  it('[KG16] shows which results a signed block proves, how, who was refused, and two blocks of one height', async () => {
    const page = await openJoined()
    await page.evaluate(() => {
      const { fake } = uiPage
      const [one, two, root] = ['11'.repeat(32), '22'.repeat(32), '33'.repeat(32)] as const
      const orderer = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
      const block = {
        ...{ height: 12, hash: one, time: Date.now() - 60_000, orderer, links: 3, particles: 4 },
        ...{ rankedAt: 10, rankRoot: root, mapRoot: two, signed: 'aa' },
      }
      const peer = '12D3KooWLiarLiarLiarLiarLiarLiarLiarLiarLiarLiarLiar'
      fake.machine.value = {
        isNamed: true,
        machine: { id: two, orderers: [orderer], rankPeriod: 5 },
        block,
        forks: [
          {
            height: 11,
            blocks: [
              { ...block, height: 11 },
              { ...block, height: 11, hash: two, signed: 'bb' },
            ],
          },
        ],
        refused: [
          { peer, at: Date.now(), failure: { code: 'SYNC_MISBEHAVIOUR', message: 'It left one out.' } },
        ],
      }
      const particle = fake.tabland.cid('lantern')
      const cid = fake.tabland.cid('a light in a transparent protective case')
      const rank = { cid, rank: 5n, share: 0.1, index: 2 }
      const results = [{ ...rank, neurons: [orderer] }]
      fake.proven.set(particle, { particle, total: 1, block, peer: 'relay', results })
      const proof = { cid, rank: '5', index: 2, treeSize: 4, proof: [one, two], root }
      const path = [
        { sibling: one, side: 'right' as const, hash: two },
        { sibling: two, side: 'left' as const, hash: root },
      ]
      const verified = { ...rank, treeSize: 4, root, leaf: one, path, block, isTrusted: true }
      fake.proofs.set(cid, { proof, verified })
    })
    await searchField(page).fill('lantern')
    await page.keyboard.press('Enter')
    await page.getByText('Verified under block 12: its only result.').waitFor()
    await page.getByText('Not in block 12 yet').waitFor()
    await page.getByText(/^Refused: 12D3KooW…LiarLiar gave an answer/).waitFor()
    await page.getByRole('button', { name: 'Block 12' }).click()
    await page.getByRole('img', { name: 'Path to the root over 2 hashes' }).waitFor()
    await page.getByText('2 of 4 particles').waitFor()
    await page.getByRole('button', { name: 'Look at both' }).click()
    const panel = page.getByRole('region', { name: 'Rank' })
    await panel.getByText('Ranks every 5 blocks; the newest are of block 10.').waitFor()
    await panel.getByText('An orderer signed two blocks of height 11.').waitFor()
  })
})
