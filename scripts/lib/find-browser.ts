import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { findChromium } from '../../test/e2e/harness/chromium.ts'
import { run, runNode } from './root.ts'

/**
 * What Debian calls the things that tests use besides Chromium, with the files that tell whether each is there: two for
 * the NAT test, and what leads from Node.js to the driver that comes with Chromium.
 */
const TEST_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  iproute2: ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'],
  nftables: ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft'],
  libvulkan1: ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/libvulkan.so.1`),
}

/**
 * Makes sure that there is a Chromium: `$CHROMIUM`, `/usr/bin/chromium`, Playwright's own, or a fresh install
 * (Debian's package as root, elsewhere Playwright's). As root on Debian what else the tests use comes along.
 *
 * @returns its path
 * @throws Error with what to do when it cannot be had
 */
export async function ensureChromium(): Promise<string> {
  const debian = await isDebian()
  const root = process.getuid?.() === 0
  if (debian && root) await installDebianPackages()
  const found = findChromium()
  if (found !== undefined) return found
  if (process.env.CHROMIUM) {
    throw new Error(`$CHROMIUM is ${process.env.CHROMIUM}, but no such file is there. Mend or unset it.`)
  }
  if (debian && !root) {
    throw new Error(
      'No Chromium is installed. Run `sudo apt-get install chromium`, or set $CHROMIUM to the path of one, ' +
        'then start again. `npm run test:unit` needs none.',
    )
  }
  console.log('No Chromium is here: installing the one that Playwright brings …')
  await runNode('node_modules/playwright-core/cli.js', ['install', 'chromium'])
  const installed = findChromium()
  if (installed !== undefined) return installed
  throw new Error(
    'No Chromium could be installed; see above. Install one by hand and set $CHROMIUM to its path. ' +
      '`npm run test:unit` needs none.',
  )
}

/** Debian itself: on Ubuntu the package `chromium` is only a pointer to a snap. */
async function isDebian(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^ID=debian$/m.test(release)
}

async function installDebianPackages(): Promise<void> {
  const missing = Object.entries(TEST_PACKAGES)
    .filter(([, paths]) => !paths.some(existsSync))
    .map(([name]) => name)
  if (findChromium() === undefined) missing.unshift('chromium')
  if (missing.length === 0) return
  console.log(`Installing ${missing.join(', ')} by apt …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '-y', '--no-install-recommends', ...missing]
  if ((await run('apt-get', ['update', '-q'], env)) === 0) await run('apt-get', [...install, '-q'], env)
}
