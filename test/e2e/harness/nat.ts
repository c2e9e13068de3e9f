import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from './chromium.ts'

/** Where the relay listens: TEST-NET-2 (RFC 5737), which no real network uses. */
export const PUBLIC_ADDRESS = '198.51.100.1'

/**
 * A small internet in network namespaces: a public one, and two homes behind routers that masquerade and let
 * nothing in that was not asked for.
 *
 *   home a ── router a ──┐
 *                        ├── public, 198.51.100.1
 *   home b ── router b ──┘
 */
export interface NatLab {
  /** leading arguments that run a command in the public namespace */
  readonly publicCommand: readonly string[]
  /** for each home a program that starts Chromium in it */
  readonly homes: readonly [string, string]
  /** Takes everything down. What runs inside must have ended. */
  destroy(): void
}

/** Why the lab cannot be built here, or undefined. */
export function natLabObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const [tool, args, debianPackage] of TOOLS) {
    try {
      execFileSync(tool, args, { stdio: 'ignore' })
    } catch {
      return `the program ${tool} is missing (Debian: apt-get install ${debianPackage})`
    }
  }
  return undefined
}

/** Addresses of IPv6 appear a second or two after their link: Chromium then ends what it loads (ERR_NETWORK_CHANGED). */
const NO_IPV6 =
  'for file in /proc/sys/net/ipv6/conf/*/disable_ipv6; do if [ -e "$file" ]; then echo 1 > "$file"; fi; done'

const TOOLS: readonly (readonly [tool: string, args: readonly string[], debianPackage: string])[] = [
  ['ip', ['-V'], 'iproute2'],
  ['nft', ['-v'], 'nftables'],
]

/** @throws Error naming the command that failed; nothing stays behind */
export function createNatLab(): NatLab {
  // Unique, so that two runs on one machine stay apart; a namespace's interfaces are its own.
  const prefix = `tabland-${randomBytes(3).toString('hex')}`
  const publicSpace = `${prefix}-public`
  const spaces: string[] = []
  const files: string[] = []
  const destroy = (): void => {
    process.removeListener('exit', destroy)
    for (const space of spaces.splice(0)) {
      try {
        execFileSync('ip', ['netns', 'delete', space], { stdio: 'ignore' })
      } catch {
        // It goes with its last process.
      }
    }
    for (const file of files.splice(0)) rmSync(file, { force: true })
  }
  process.once('exit', destroy)
  const addSpace = (name: string): void => {
    run('ip', 'netns', 'add', name)
    spaces.push(name)
    run('ip', 'netns', 'exec', name, 'sh', '-c', NO_IPV6)
    run('ip', '-n', name, 'link', 'set', 'lo', 'up')
  }
  try {
    addSpace(publicSpace)
    run('ip', '-n', publicSpace, 'link', 'add', 'br0', 'type', 'bridge')
    run('ip', '-n', publicSpace, 'link', 'set', 'br0', 'up')
    run('ip', '-n', publicSpace, 'address', 'add', `${PUBLIC_ADDRESS}/24`, 'dev', 'br0')
    const homes = (['a', 'b'] as const).map((letter, index) => {
      const home = `${prefix}-home-${letter}`
      const router = `${prefix}-nat-${letter}`
      addSpace(router)
      addSpace(home)
      connectHome({ home, router, publicSpace, letter, number: index + 1 })
      const wrapper = join(tmpdir(), `${home}.sh`)
      files.push(wrapper)
      writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${home} ${findChromium()} "$@"\n`, {
        mode: 0o700,
      })
      return wrapper
    })
    return {
      publicCommand: ['ip', 'netns', 'exec', publicSpace],
      homes: homes as unknown as readonly [string, string], // two letters above
      destroy,
    }
  } catch (error) {
    destroy()
    throw error
  }
}

interface Home {
  readonly home: string
  readonly router: string
  readonly publicSpace: string
  readonly letter: string
  readonly number: number
}

function connectHome({ home, router, publicSpace, letter, number }: Home): void {
  const uplink = `up-${letter}`
  run(
    'ip',
    'link',
    'add',
    'wan',
    'netns',
    router,
    'type',
    'veth',
    'peer',
    'name',
    uplink,
    'netns',
    publicSpace,
  )
  run('ip', '-n', publicSpace, 'link', 'set', uplink, 'master', 'br0', 'up')
  run('ip', '-n', router, 'address', 'add', `198.51.100.${10 + number}/24`, 'dev', 'wan')
  run('ip', '-n', router, 'link', 'set', 'wan', 'up')

  run('ip', 'link', 'add', 'lan', 'netns', router, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', home)
  run('ip', '-n', router, 'address', 'add', `10.0.${number}.1/24`, 'dev', 'lan')
  run('ip', '-n', router, 'link', 'set', 'lan', 'up')
  run('ip', '-n', home, 'address', 'add', `10.0.${number}.2/24`, 'dev', 'eth0')
  run('ip', '-n', home, 'link', 'set', 'eth0', 'up')
  run('ip', '-n', home, 'route', 'add', 'default', 'via', `10.0.${number}.1`)

  run('ip', 'netns', 'exec', router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
  run('ip', 'netns', 'exec', router, 'nft', ROUTER_RULES)
}

/** Masquerade outward; inward only what answers. */
const ROUTER_RULES = `
  table ip nat {
    chain post { type nat hook postrouting priority 100; oifname "wan" masquerade; }
  }
  table ip guard {
    chain forward {
      type filter hook forward priority 0; policy drop;
      iifname "lan" accept;
      ct state established,related accept;
    }
    chain input { type filter hook input priority 0; policy accept; iifname "wan" ct state new drop; }
  }
`

function run(command: string, ...args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? '').trim()
    throw new Error(`${command} ${args.join(' ')} failed: ${said}`, { cause: error })
  }
}
