import { NETWORK_NAMES, parseNetworkName } from '#core/network.ts'
import { DEFAULT_PROFILE_DIR } from '../../node-defaults.ts'
import { parseCommandArgs, usageError } from '../command.ts'

const COMMAND = 'object'

export const TRUST_USAGE = `tabland object sign --hex HEX [--profile DIR] [--network NAME]
tabland object verify --hex HEX [--id ID] [--network NAME]

sign    prints the object in hexadecimal digits, signed by the profile's device in its wallet's name
verify  prints whose word the object is, as JSON: "owner" when its owner's wallet or device signed it, "id" when it is
        what --id asked for, else "untrusted"; one that is forged, or that a stranger signed, is refused

  --profile DIR   keys; default ${DEFAULT_PROFILE_DIR}
  --network NAME  what the wallet authorised the device for (${NETWORK_NAMES.join(', ')}); default main`

/** The object that a command line gives, signed by a profile. */
export async function printSigned(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseCommandArgs(COMMAND, args, {
    hex: { type: 'string' },
    profile: { type: 'string', default: DEFAULT_PROFILE_DIR },
    network: { type: 'string', default: 'main' },
  })
  const { hex, profile, network } = values
  if (hex === undefined || positionals.length > 0) throw usageError(COMMAND, 'Expected --hex HEX')
  const { openProfileIdentity } = await import('#chain/profile-identity.ts')
  const { fromHex, toHex } = await import('#core/bytes.ts')
  const { machineOf } = await import('#core/machine.ts')
  const { decodeObject, encodeObject } = await import('#objects/object.ts')
  const { toObjectTime } = await import('#objects/object-time.ts')
  const { deviceSigner, signObject } = await import('#objects/sign-object.ts')
  const { createFileWalletStore, openFileDeviceKey } = await import('../../node-profile.ts')
  const object = decodeObject(fromHex(hex))
  const machine = machineOf(parseNetworkName(network))
  const { identity } = await openProfileIdentity({
    device: await openFileDeviceKey(profile),
    store: createFileWalletStore(profile),
    machine,
    machineHex: toHex(machine),
    now: Date.now,
  })
  const signed = await signObject(object, deviceSigner(identity), { signedAt: toObjectTime(Date.now()) })
  return toHex(encodeObject(signed))
}

/** How far the object that a command line gives is to be believed. */
export async function printTrust(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseCommandArgs(COMMAND, args, {
    hex: { type: 'string' },
    id: { type: 'string' },
    network: { type: 'string', default: 'main' },
  })
  const { hex, id, network } = values
  if (hex === undefined || positionals.length > 0) throw usageError(COMMAND, 'Expected --hex HEX')
  const { fromHex, toHex } = await import('#core/bytes.ts')
  const { createDelegationVerifier, formatAddress } = await import('#core/delegation.ts')
  const { machineOf } = await import('#core/machine.ts')
  const { createKeyVerifier } = await import('#objects/key-verifier.ts')
  const { parseObjectId } = await import('#objects/object-id.ts')
  const { decodeObject } = await import('#objects/object.ts')
  const { verifyObject } = await import('#objects/verify-object.ts')
  const components = {
    keys: createKeyVerifier(),
    delegations: createDelegationVerifier(),
    machine: machineOf(parseNetworkName(network)),
    now: Date.now,
  }
  const requested = id === undefined ? undefined : parseObjectId(id)
  const trust = await verifyObject(decodeObject(fromHex(hex)), components, { requested })
  if (trust.level !== 'owner') return JSON.stringify(trust)
  const { people, device } = trust
  return JSON.stringify({
    level: trust.level,
    ...(people === undefined ? {} : { people: formatAddress(people) }),
    ...(device === undefined ? {} : { device: toHex(device) }),
  })
}
