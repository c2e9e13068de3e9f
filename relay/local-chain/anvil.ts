import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface AnvilInit {
  /** @default any free one */
  readonly port?: number
  /** Where the chain's state is read from and kept. @default nowhere: it ends with the process */
  readonly stateFile?: string
  /** @default 31337 */
  readonly chainId?: number
}

/** A chain of its own on this machine: a block for each transaction, and ten accounts with ether. */
export interface Anvil {
  readonly url: string
  readonly pid: number
  /** resolves when the process has ended, however that came */
  readonly ended: Promise<void>
  /** Ends the process, which writes its state first, and removes what it left behind. */
  stop(): Promise<void>
}

/** 1.7.1 serves this fork by default no more, and the contracts are built for it. */
const HARDFORK = 'cancun'
/** States of blocks before these are forgotten, as public nodes do; more would grow without end. */
const KEPT_STATES = 64
const START_TIMEOUT_MS = 30_000
/** State is written when it ends; a kill between two of these loses what came after the former. */
const STATE_INTERVAL_SECONDS = 30
const STOP_TIMEOUT_MS = 10_000

/** Path of anvil's binary, or undefined where npm brought none for this platform. */
export function findAnvil(): string | undefined {
  return findFoundryBinary('anvil')
}

/** Path of a binary of Foundry that npm brought along, without the launcher that would stand in between. */
export function findFoundryBinary(tool: 'anvil' | 'forge'): string | undefined {
  const system = process.platform === 'win32' ? 'win32' : process.platform
  const cpu = process.arch === 'x64' ? 'amd64' : process.arch
  const file = process.platform === 'win32' ? `${tool}.exe` : tool
  try {
    const require = createRequire(import.meta.url)
    const path = require.resolve(`@foundry-rs/${tool}-${system}-${cpu}/bin/${file}`)
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** Why there is no local chain on this machine, for whoever asked for one. */
export function describeMissingAnvil(): string {
  return `npm brings no anvil for ${process.platform} on ${process.arch}, or left it out (--omit=optional)`
}

/**
 * Starts anvil on the loopback address and waits until it listens.
 *
 * @throws Error when the binary is missing, or with what it said when it ended
 */
export async function startAnvil({ port = 0, stateFile, chainId = 31_337 }: AnvilInit = {}): Promise<Anvil> {
  const binary = findAnvil()
  if (binary === undefined) throw new Error(describeMissingAnvil())
  // It leaves gigabytes of old states in its home when it is killed: that goes with it.
  const home = await mkdtemp(join(tmpdir(), 'tabland-anvil-'))
  const state =
    stateFile === undefined ? [] : ['--state', stateFile, '--state-interval', `${STATE_INTERVAL_SECONDS}`]
  const child = spawn(
    binary,
    [
      ...['--host', '127.0.0.1', '--port', `${port}`, '--chain-id', `${chainId}`],
      ...['--prune-history', `${KEPT_STATES}`, '--hardfork', HARDFORK],
      ...state,
    ],
    { env: { ...process.env, HOME: home, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  // A test that is cut off must leave no chain behind.
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    process.off('exit', killWithUs)
    await endProcess(child)
    await rm(home, { recursive: true, force: true })
  }
  try {
    const listening = await untilListening(child)
    return { url: `http://127.0.0.1:${listening}`, pid: child.pid ?? 0, ended, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Resolves with the port. What anvil prints after that is read and dropped, so that its pipe never fills. */
function untilListening(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    const timer = setTimeout(
      () => reject(new Error(`anvil did not listen in time: ${said}`)),
      START_TIMEOUT_MS,
    )
    const read = (chunk: Buffer) => {
      if (said === LISTENING) return
      said += chunk.toString()
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (port === undefined) return
      said = LISTENING
      clearTimeout(timer)
      resolve(Number(port))
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', reject)
    child.once('exit', () => {
      clearTimeout(timer)
      reject(new Error(`anvil ended at its start: ${said.trim()}`))
    })
  })
}

const LISTENING = 'listening'

/** Asks first, since the state is written at the end. */
async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
