import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { findChromium, removeProfile } from './chromium.ts'

const START_TIMEOUT_MS = 30_000
const POLL_MS = 50
/** Below half of a test's time limit. */
const WAIT_MS = 50_000

/**
 * Chromium driven by bare DevTools messages. Playwright keeps every page "visible" and awake; here a page that has
 * another one before it is hidden, with all that browsers do to hidden pages.
 */
export interface RawBrowser {
  readonly pid: number
  /** Opens a page in front of all others, which become hidden by that. */
  open(url: string): Promise<RawPage>
  /** bytes of memory (RSS) of the largest process that runs pages; undefined without /proc */
  rendererRss(): Promise<number | undefined>
  /** Ends it with SIGKILL, as a power cut would; the profile stays for the next `launchRaw(dir)`. */
  kill(): Promise<void>
  /** Ends it; removes the profile when `launchRaw` made it. */
  close(): Promise<void>
  readonly dir: string
}

export interface RawPage {
  /** One DevTools command. @throws Error with the browser's message */
  send(method: string, params?: object): Promise<Record<string, unknown>>
  /** The value of an expression, awaited. @throws Error when it throws */
  evaluate<T>(expression: string): Promise<T>
  /** Resolves once the expression is truthy. @throws Error with it and the page's network state after 50 s */
  until(expression: string): Promise<void>
  /** Ends the page's process as a crash does; resolves when the browser noticed. */
  crash(): Promise<void>
  close(): void
}

export interface LaunchRawOptions {
  /** a profile folder to use again; a fresh temporary one when absent */
  readonly dir?: string
  readonly args?: readonly string[]
}

/** @throws Error when no Chromium is installed or it does not start */
export async function launchRaw({ dir, args = [] }: LaunchRawOptions = {}): Promise<RawBrowser> {
  const executable = findChromium()
  if (executable === undefined) throw new Error('No Chromium: set $CHROMIUM to one, or run `npm test`.')
  const folder = dir ?? (await mkdtemp(join(tmpdir(), 'tabland-raw-')))
  const child = spawn(
    executable,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      ...args,
      'about:blank',
    ],
    { stdio: 'ignore' },
  )
  process.once('exit', () => child.kill('SIGKILL')) // a test that was broken off leaves no browser
  const { port, path } = await debuggingPort(folder, child)
  const browser = await connect(`ws://127.0.0.1:${port}${path}`)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    browser.close()
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  return {
    dir: folder,
    pid: child.pid as number,
    async open(url) {
      const { targetId } = await browser.send('Target.createTarget', { url })
      return createPage(await connect(`ws://127.0.0.1:${port}/devtools/page/${String(targetId)}`))
    },
    async rendererRss() {
      const { processInfo } = await browser.send('SystemInfo.getProcessInfo')
      const processes = processInfo as readonly { readonly type: string; readonly id: number }[]
      const renderers = processes.filter(({ type }) => type === 'renderer')
      const sizes = await Promise.all(renderers.map(({ id }) => residentBytes(id)))
      const known = sizes.filter((size) => size !== undefined)
      return known.length === 0 ? undefined : Math.max(...known)
    },
    async kill() {
      await end('SIGKILL')
      // The lock names a dead process, and the port is one of the past.
      for (const left of ['SingletonLock', 'DevToolsActivePort'])
        await rm(join(folder, left), { force: true })
    },
    async close() {
      await end('SIGTERM')
      if (dir === undefined) await removeProfile(folder)
    },
  }
}

/** Chromium writes the port that it chose, and its own address below it, into its profile. */
async function debuggingPort(
  dir: string,
  child: ChildProcess,
): Promise<{ readonly port: number; readonly path: string }> {
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`Chromium ended at once (${child.exitCode}).`)
    const text = await readFile(join(dir, 'DevToolsActivePort'), 'utf8').catch(() => '')
    const [port, path] = text.split('\n')
    if (port !== undefined && path !== undefined && path !== '') {
      if (await answers(Number(port), path)) return { port: Number(port), path }
    }
    await setTimeout(POLL_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`Chromium opened no debugging port within ${START_TIMEOUT_MS / 1_000} s.`)
}

/** A profile that is used again still holds the last run's port. */
async function answers(port: number, path: string): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/json/version`)
    const version = (await response.json()) as { readonly webSocketDebuggerUrl: string }
    return version.webSocketDebuggerUrl.endsWith(path)
  } catch {
    return false
  }
}

/** Bytes of a process in memory, as Linux tells; undefined elsewhere. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  return kib === undefined ? undefined : Number(kib) * 1_024
}

interface Session {
  send(method: string, params?: object): Promise<Record<string, unknown>>
  /** Resolves at the next event of this name. */
  next(event: string): Promise<void>
  close(): void
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

async function connect(url: string): Promise<Session> {
  const socket = new WebSocket(url)
  const opened = Promise.withResolvers<void>()
  socket.onopen = () => opened.resolve()
  socket.onerror = () => opened.reject(new Error(`No DevTools at ${url}.`))
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>()
  const events = new Map<string, PromiseWithResolvers<void>>()
  let last = 0
  socket.onmessage = ({ data }) => {
    const { id, method, result, error } = JSON.parse(String(data)) as Message
    if (method !== undefined) events.get(method)?.resolve()
    const answer = waiting.get(id ?? 0)
    waiting.delete(id ?? 0)
    if (error === undefined) answer?.resolve(result ?? {})
    else answer?.reject(new Error(error.message))
  }
  socket.onclose = () => {
    for (const answer of waiting.values()) answer.reject(new Error('The browser closed the connection.'))
  }
  await opened.promise
  return {
    send(method, params = {}) {
      const answer = Promise.withResolvers<Record<string, unknown>>()
      waiting.set(++last, answer)
      socket.send(JSON.stringify({ id: last, method, params }))
      return answer.promise
    },
    next(event) {
      const waits = events.get(event) ?? Promise.withResolvers<void>()
      events.set(event, waits)
      return waits.promise
    },
    close: () => socket.close(),
  }
}

function createPage({ send, next, close }: Session): RawPage {
  async function evaluate<T>(expression: string): Promise<T> {
    const answer = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })
    const { result, exceptionDetails } = answer as {
      readonly result: { readonly value?: unknown; readonly description?: string }
      readonly exceptionDetails?: { readonly text: string }
    }
    if (exceptionDetails === undefined) return result.value as T // the caller knows what it asked for
    throw new Error(result.description ?? exceptionDetails.text)
  }
  return {
    send,
    evaluate,
    async until(expression) {
      // in the middle of a navigation there is nothing that could evaluate
      const holds = () => evaluate<boolean>(`Boolean(${expression})`).catch(() => false)
      const deadline = performance.now() + WAIT_MS
      while (!(await holds())) {
        if (performance.now() > deadline) {
          const state = await evaluate('JSON.stringify(globalThis.tabland?.state.network.value)').catch(
            String,
          )
          throw new Error(
            `Waited ${WAIT_MS / 1_000} s in vain for ${expression}. The network's state: ${state}`,
          )
        }
        await setTimeout(POLL_MS)
      }
    },
    async crash() {
      await send('Inspector.enable')
      const crashed = next('Inspector.targetCrashed')
      void send('Page.crash').catch(() => {}) // who crashes does not answer
      await crashed
    },
    close,
  }
}
