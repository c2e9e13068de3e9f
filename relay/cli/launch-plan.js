// Plain JavaScript for Node.js 18 and later: it decides whether this Node.js can run the rest, which is TypeScript.

/** @param {string} version as process.versions.node; types are stripped without a flag since 22.18 and 23.6 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
}

/**
 * Thousands of connections make short-lived objects all the time. V8 lets the space for those grow to 3 × 16 MiB and
 * promotes in bulk, which keeps memory up: with 4 MiB, 1,000 reservations take a quarter to a third less, for little more time.
 */
const LONG_LIVED_FLAGS = ['--max-semi-space-size=4']
const LONG_LIVED = ['relay', 'seed']

/**
 * How to go on: in this process, in its place by the same Node.js with flags, in that of the `node` package's binary,
 * or not at all.
 *
 * @param {import('./launch-plan.d.ts').LaunchSituation} situation
 * @returns {import('./launch-plan.d.ts').LaunchPlan}
 */
export function planLaunch({ version, binaries, exists, command, nodeOptions, canReplace }) {
  const isSet = nodeOptions.some((option) => option.includes('semi-space-size'))
  const flags = LONG_LIVED.includes(command) && !isSet ? LONG_LIVED_FLAGS : []
  if (runsTypeScript(version)) {
    return flags.length > 0 && canReplace ? { kind: 'replace', flags } : { kind: 'here' }
  }
  const path = binaries.find(exists)
  if (path !== undefined) return { kind: 'spawn', path, flags }
  return {
    kind: 'refuse',
    sentence:
      `Tabland needs Node.js 22.18 or newer, this is ${version}: ` +
      'run `npm ci` in its folder, which brings one along, or install Node.js 24.',
  }
}
