import { DEFAULT_PROFILE_DIR } from '../../node-defaults.ts'
import { type CommandContext, parseCommandArgs, usageError } from '../command.ts'

export const name = 'wallet'
export const summary = "print the address of a profile's wallet, for others to publish to"
export const usage = `tabland wallet [--profile DIR]

  --profile DIR     keys; default ${DEFAULT_PROFILE_DIR}

The wallet is made when there is none yet.`

export async function run(args: readonly string[], { stdout }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandArgs(name, args, {
    profile: { type: 'string', default: DEFAULT_PROFILE_DIR },
  })
  const [surplus] = positionals
  if (surplus !== undefined) throw usageError(name, `Unexpected argument "${surplus.slice(0, 80)}"`)
  const { openProfileIdentity } = await import('#chain/profile-identity.ts')
  const { toHex } = await import('#core/bytes.ts')
  const { formatAddress } = await import('#core/delegation.ts')
  const { machineOf } = await import('#core/machine.ts')
  const { createFileWalletStore, openFileDeviceKey } = await import('../../node-profile.ts')
  // one wallet for every network
  const machine = machineOf('main')
  const { identity } = await openProfileIdentity({
    device: await openFileDeviceKey(values.profile),
    store: createFileWalletStore(values.profile),
    machine,
    machineHex: toHex(machine),
    now: Date.now,
  })
  stdout.write(`${formatAddress(identity.neuron)}\n`)
}
