import { findFoundryBinary } from '../../relay/local-chain/anvil.ts'
import { ROOT, run } from './root.ts'

/** How long forge looks: `default` for each run of the tests, `long` for `npm run fuzz contracts`. */
export type ForgeProfile = 'default' | 'long'

/** Runs forge on contracts-abi/forge with this terminal. @returns its exit code, 1 where there is no forge */
export async function runForge(args: readonly string[], profile: ForgeProfile = 'default'): Promise<number> {
  const binary = findFoundryBinary('forge')
  if (binary === undefined) {
    console.error(`npm brings no forge for ${process.platform} on ${process.arch}.`)
    return 1
  }
  const config = `${ROOT}contracts-abi/forge/foundry.toml`
  const env = { ...process.env, FOUNDRY_PROFILE: profile, FOUNDRY_CONFIG: config }
  return run(binary, [...args, '--root', ROOT], env)
}
