// Plain JavaScript for Node.js 18 and later: it decides whether this Node.js can run the rest, which is TypeScript.

/** @param {string} version as process.versions.node; types are stripped without a flag since 22.18 and 23.6 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18)
}

/**
 * How to go on: in this process, in that of the `node` package's binary, or not at all.
 *
 * @param {{ version: string, binaries: readonly string[], exists: (path: string) => boolean }} situation
 * @returns {{ kind: 'here' } | { kind: 'spawn', path: string } | { kind: 'refuse', sentence: string }}
 */
export function planLaunch({ version, binaries, exists }) {
  if (runsTypeScript(version)) return { kind: 'here' }
  const path = binaries.find(exists)
  if (path !== undefined) return { kind: 'spawn', path }
  return {
    kind: 'refuse',
    sentence:
      `Tabland needs Node.js 22.18 or newer, this is ${version}: ` +
      'run `npm ci` in its folder, which brings one along, or install Node.js 24.',
  }
}
