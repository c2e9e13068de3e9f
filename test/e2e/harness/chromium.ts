import { existsSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type LaunchOptions, type Page } from 'playwright-core'

/** No first-run traffic, and no QUIC: it would race with the WebRTC tests for UDP. */
const BASE_ARGS: readonly string[] = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Software Vulkan for WebGPU and WebGL, so that the world draws on machines without a graphics card. */
const GPU_ARGS: readonly string[] = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
]

/** Without a canvas to draw a tab needs no graphics process at all. */
const NO_GPU_ARGS: readonly string[] = ['--disable-gpu']

/** Path of the Chromium that the tests drive: `$CHROMIUM`, Debian's, Playwright's own; undefined when there is none. */
export function findChromium(): string | undefined {
  const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', chromium.executablePath()]
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path))
}

export interface LaunchProfileOptions {
  /** software WebGPU and WebGL @default false */
  readonly gpu?: boolean
  readonly args?: readonly string[]
  /** @default { width: 1280, height: 800 } */
  readonly viewport?: { readonly width: number; readonly height: number }
  /** a phone: touch and a mobile viewport @default false */
  readonly mobile?: boolean
  /** @default 'light' */
  readonly colorScheme?: 'light' | 'dark'
  /** what the page hears of the visitor's wish for less motion @default false */
  readonly reducedMotion?: boolean
  /** a wrapper to start instead of Chromium itself, for example inside a network namespace */
  readonly executablePath?: string
  /** Adds to what the browser process finds in its environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** A real browser profile on disk: OPFS, IndexedDB and keys live as long as `dir`. */
export interface Profile {
  readonly context: BrowserContext
  readonly dir: string
  /** Process id of the browser. @throws Error once it has ended */
  pid(): number
  /** Ends the browser with SIGKILL, as a power cut would, and waits until it is gone. The folder stays. */
  kill(): Promise<void>
  /** Closes the browser; removes the folder when `launchProfile` made it. */
  close(): Promise<void>
}

/**
 * Starts Chromium with a persistent profile in `dir` (a fresh temporary folder when absent). Pass the `dir` of
 * a killed or closed profile to start it again.
 *
 * @throws Error with what to do when no Chromium is installed
 */
export async function launchProfile(dir?: string, options: LaunchProfileOptions = {}): Promise<Profile> {
  const executablePath = options.executablePath ?? findChromium()
  if (executablePath === undefined) {
    throw new Error('No Chromium: set $CHROMIUM to one, or run `npm test`, which installs it.')
  }
  const folder = dir ?? (await mkdtemp(join(tmpdir(), 'tabland-profile-')))
  const context = await chromium.launchPersistentContext(folder, {
    ...launchOptions(executablePath, options),
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
    ...(options.mobile ? { hasTouch: true, isMobile: true } : {}),
  })
  return createProfile(context, folder, dir === undefined)
}

function launchOptions(executablePath: string, options: LaunchProfileOptions): LaunchOptions {
  return {
    executablePath,
    headless: true,
    chromiumSandbox: false,
    args: [...BASE_ARGS, ...(options.gpu ? GPU_ARGS : NO_GPU_ARGS), ...(options.args ?? [])],
    env: { ...environment(), ...options.env },
  }
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

function createProfile(context: BrowserContext, dir: string, temporary: boolean): Profile {
  const closed = new Promise<void>((resolve) => context.once('close', () => resolve()))
  return {
    context,
    dir,
    pid: () => browserPid(dir),
    async kill() {
      const pid = browserPid(dir)
      process.kill(pid, 'SIGKILL')
      await closed
      // The lock names a dead process; a leftover one on another host name would refuse the next start.
      await rm(join(dir, 'SingletonLock'), { force: true })
    },
    async close() {
      await context.close()
      if (temporary) await removeProfile(dir)
    },
  }
}

/** Removes a profile's folder. Chromium's helpers may still write for a moment, hence the retries. */
export async function removeProfile(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

/** Chromium's lock in its profile folder is a link to `host-pid`. */
function browserPid(dir: string): number {
  const target = readlinkSync(join(dir, 'SingletonLock'))
  return Number(target.slice(target.lastIndexOf('-') + 1))
}

/** A new page of `profile` that collects what the console and uncaught errors say, for messages of failing tests. */
export async function openPage(profile: Profile, url?: string): Promise<{ page: Page; logs: string[] }> {
  const page = await profile.context.newPage()
  const logs: string[] = []
  page.on('console', (message) => logs.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => logs.push(`uncaught: ${error.message}`))
  if (url !== undefined) await page.goto(url)
  return { page, logs }
}
