import { afterEach, describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import { dataObjectId, formatObjectId } from '#objects/object-id.ts'
import type { CyfsObjects } from '#offline/cyfs-answer.ts'
import { CYFS_REQUEST } from '#offline/cyfs-messages.ts'
import { type CyfsClient, createCyfsRoute } from '#offline/cyfs-route.ts'
import { serveCyfs } from '#offline/serve-cyfs.ts'
import { createFakeTimers } from '../../fakes/timers.ts'

/** The service worker's half and the page's half, with a message port between them as in a browser. */
const SCOPE = 'https://relay.example/land/'
const ID = formatObjectId(dataObjectId(utf8('an id for a test')))
const FILE = `${SCOPE}cyfs/o/${ID}/${ID}`

const ends: (() => void)[] = []
let timers = createFakeTimers()
afterEach(() => {
  timers = createFakeTimers()
  for (const end of ends.splice(0)) end()
})

interface FakePage extends CyfsClient {
  asked: number
}

/** A page that answers with `pieces`, or one that says nothing. */
function openPage(id: string, objects?: CyfsObjects, url = SCOPE): FakePage {
  let listener: ((event: MessageEvent) => void) | undefined
  if (objects !== undefined) {
    const container = {
      addEventListener: (_: string, added: unknown) => {
        listener = added as typeof listener
      },
      removeEventListener: () => {
        listener = undefined
      },
      startMessages() {},
    }
    ends.push(serveCyfs({ container: container as unknown as ServiceWorkerContainer, objects, timers }))
  }
  const page: FakePage = {
    id,
    url,
    frameType: 'top-level',
    asked: 0,
    postMessage(data, ports) {
      page.asked += 1
      listener?.({ data, ports } as unknown as MessageEvent)
    },
  }
  return page
}

interface Read {
  pieces: number
  ended: boolean
}

function fakeObjects(read: Read = { pieces: 0, ended: false }, length = 6): CyfsObjects {
  return {
    parse: parseCyfsLink,
    format: formatCyfsLink,
    open: async () => ({
      id: ID,
      type: 'File',
      name: 'a.png',
      trust: { level: 'owner' },
      bytes: length,
      json: {},
    }),
    async *read(_, { start = 0, end = length } = {}) {
      try {
        for (let at = start; at < end; at++) {
          read.pieces += 1
          yield Uint8Array.of(at)
        }
      } finally {
        read.ended = true
      }
    },
    get: async () => utf8('encoded'),
  }
}

function createRoute(windows: readonly CyfsClient[]) {
  return createCyfsRoute(
    {
      windows: async () => windows,
      isOpen: async (id) => windows.some((page) => page.id === id),
      wait: () => new Promise((resolve) => setTimeout(resolve, 150)),
    },
    { scope: SCOPE },
  )
}

interface Asked {
  readonly method?: string
  readonly range?: string
  readonly destination?: RequestDestination
  readonly clientId?: string
}

function ask(windows: readonly CyfsClient[], url = FILE, asked: Asked = {}) {
  const { method = 'GET', range, destination = 'image', clientId = '' } = asked
  const headers = new Headers(range === undefined ? {} : { Range: range })
  const answer = createRoute(windows).answer({ request: { method, url, headers, destination }, clientId })
  if (answer === undefined) throw new Error(`${url} is not below cyfs/`)
  return answer
}

const bytesOf = async (response: Promise<Response>) => [
  ...new Uint8Array(await (await response).arrayBuffer()),
]

describe('[OB19] /cyfs/ URLs', () => {
  it('are answered by a page, whole or in part; others go the usual way', async () => {
    const page = openPage('one', fakeObjects())
    expect(await bytesOf(ask([page]).response)).toEqual([0, 1, 2, 3, 4, 5])
    const { response, done } = ask([page], FILE, { range: 'bytes=2-3' })
    const part = await response
    expect(part.status).toBe(206)
    expect(part.headers.get('Content-Range')).toBe('bytes 2-3/6')
    expect([...new Uint8Array(await part.arrayBuffer())]).toEqual([2, 3])
    await done
    expect((await ask([page], FILE, { range: 'bytes=6-' }).response).status).toBe(416)
    const request = {
      method: 'GET',
      url: `${SCOPE}tabland.json`,
      headers: new Headers(),
      destination: '',
    } as const
    expect(createRoute([page]).answer({ request, clientId: '' })).toBeUndefined()
  })

  it('carry on each answer what keeps their scripts from running', async () => {
    const page = openPage('one', fakeObjects())
    const answers = [
      ask([page]),
      ask([]),
      ask([page], FILE, { method: 'POST' }),
      ask([page], FILE, { destination: 'script' }),
      ask([page], `${SCOPE}cyfs/o/x`),
    ]
    const statuses: number[] = []
    for (const { response } of answers) {
      const { headers, status } = await response
      statuses.push(status)
      const policy = headers.get('Content-Security-Policy')
      expect(policy).toMatch(/^sandbox allow-same-origin; default-src 'none'; script-src 'none'; /)
      expect(policy).not.toContain('allow-scripts')
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp')
    }
    expect(statuses).toEqual([200, 503, 405, 403, 400])
  })

  it('lead from a folder to its slash', async () => {
    const objects = {
      ...fakeObjects(),
      open: async () => ({ id: ID, type: 'Dir', trust: { level: 'id' }, json: {} }),
    }
    const response = await ask([openPage('one', objects as CyfsObjects)], `${FILE}?mime=html`).response
    expect(response.status).toBe(302)
    expect(response.headers.get('Location')).toBe(`${FILE}/?mime=html`)
  })

  it('ask the page that wants it first, then others; frames and what is no page of ours never', async () => {
    const [frozen, one, two] = [
      openPage('frozen'),
      openPage('one', fakeObjects()),
      openPage('two', fakeObjects()),
    ]
    const stranger = openPage('stranger', fakeObjects(), `${SCOPE}cyfs/o/a/b`)
    const frame = { ...openPage('frame', fakeObjects()), frameType: 'nested' }
    const windows = [stranger, frame, frozen, one, two]
    expect(await bytesOf(ask(windows, FILE, { clientId: 'two' }).response)).toHaveLength(6)
    expect([frozen.asked, one.asked, two.asked]).toEqual([0, 0, 1])
    expect(await bytesOf(ask(windows).response)).toHaveLength(6)
    expect([stranger.asked, frozen.asked, one.asked, two.asked]).toEqual([0, 1, 1, 1])
    expect((await ask([frozen]).response).status).toBe(503)
  })

  it('read no further than they are taken, and end when nobody wants them', async () => {
    const read: Read = { pieces: 0, ended: false }
    const { response, done } = ask([openPage('one', fakeObjects(read, 1_000))])
    const reader = (await response).body!.getReader()
    expect((await reader.read()).value).toEqual(Uint8Array.of(0))
    expect((await reader.read()).value).toEqual(Uint8Array.of(1))
    expect(read.pieces).toBeLessThanOrEqual(3)
    await reader.cancel()
    await done
    await expect.poll(() => read.ended).toBe(true)
    expect(read.pieces).toBeLessThanOrEqual(3)
  })

  it('wait for their turn when a page has more of them than it answers at once', async () => {
    const page = openPage('one', fakeObjects())
    const held = Array.from({ length: 64 }, () => ask([page]))
    const heads = await Promise.all(held.map(({ response }) => response))
    const late = bytesOf(ask([page]).response)
    for (const { body } of heads) await body?.cancel()
    expect(await late).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('end with the service worker that asked, and when nothing more is asked for in ten minutes', async () => {
    const page = openPage('one', fakeObjects())
    const asks = Array.from({ length: 64 }, async (_, i) => {
      const { port1, port2 } = new MessageChannel()
      const begun = new Promise<void>((resolve) => {
        port1.onmessage = ({ data }) => data.kind === 'head' && resolve()
      })
      const path = FILE.slice(`${SCOPE}cyfs/`.length)
      page.postMessage({ kind: CYFS_REQUEST, path, method: 'GET' }, [port2])
      await begun
      if (i % 2 === 0) port1.close()
      else ends.push(() => port1.close())
    })
    await Promise.all(asks)
    expect(await bytesOf(ask([page]).response)).toHaveLength(6)
    await expect.poll(() => timers.pending).toBe(32)
    timers.advance(600_000)
    expect(timers.pending).toBe(0)
  })

  it('break off with the page that gave them, in browsers that do not tell of its end', async () => {
    const objects: CyfsObjects = {
      ...fakeObjects(),
      async *read() {
        yield Uint8Array.of(1)
        await new Promise(() => {})
      },
    }
    const windows = [openPage('one', objects)]
    const { response, done } = ask(windows)
    const reader = (await response).body!.getReader()
    expect((await reader.read()).value).toEqual(Uint8Array.of(1))
    windows.length = 0
    await expect(reader.read()).rejects.toThrow('The tab that gave this was closed.')
    await done
  })

  it('break off when reading fails', async () => {
    const objects: CyfsObjects = {
      ...fakeObjects(),
      async *read() {
        yield Uint8Array.of(1)
        throw new Error('the holder left')
      },
    }
    const { response, done } = ask([openPage('one', objects)])
    await expect(bytesOf(response)).rejects.toThrow('the holder left')
    await done
  })
})
