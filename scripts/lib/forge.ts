import { findFoundryBinary } from '../../relay/local-chain/anvil.ts'
import { ROOT, run } from './root.ts'

/** How long forge looks: `default` for each run of the tests, `long` for `npm run fuzz contracts`. */
export type ForgeProfile = 'default' | 'long'

export interface ForgeCall {
  readonly binary: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** What runs forge on contracts-abi/forge, undefined where there is none. */
export function forgeCall(args: readonly string[], profile: ForgeProfile = 'default'): ForgeCall | undefined {
  const binary = findFoundryBinary('forge')
  if (binary === undefined) return undefined
  const config = `${ROOT}contracts-abi/forge/foundry.toml`
  const env = { ...process.env, FOUNDRY_PROFILE: profile, FOUNDRY_CONFIG: config }
  return { binary, args: [...args, '--root', ROOT], env }
}

export function describeMissingForge(): string {
  return `npm brings no forge for ${process.platform} on ${process.arch}.`
}

/** Runs forge with this terminal. @returns its exit code, 1 where there is no forge */
export async function runForge(args: readonly string[], profile: ForgeProfile = 'default'): Promise<number> {
  const call = forgeCall(args, profile)
  if (call === undefined) {
    console.error(describeMissingForge())
    return 1
  }
  return run(call.binary, call.args, call.env)
}
