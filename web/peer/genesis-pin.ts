import { type Bytes, toHex } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import type { NetworkName } from '#core/network.ts'
import { formatGenesis, type MachineGenesis, machineOfGenesis, parseGenesis } from '#graph/machine/genesis.ts'
import { PeerError } from './errors.ts'
import { genesisKey } from './genesis-memory.ts'
import type { KeyValue } from './relay-memory.ts'

/** A machine by the genesis that makes it. */
export interface KnownMachine {
  readonly genesis: MachineGenesis
  /** SHA-256 of the genesis, 32 bytes */
  readonly id: Bytes
}

/** Which machine a profile believes, and what a relay says instead. */
export interface GenesisPin {
  /** the first one that a relay named to this profile, or the one that its person chose since */
  readonly pinned: KnownMachine | undefined
  /** another one, which a relay named now: it counts for nothing until it is chosen */
  readonly other: KnownMachine | undefined
  /** what was told or pinned could not be read */
  readonly failure: AppError | undefined
}

export interface GenesisPinInit {
  /** of the profile; without one, or where it is forbidden, the pin lasts as long as the page */
  readonly store: KeyValue | undefined
  readonly network: NetworkName
  /** genesis that a relay named now */
  readonly told: string | undefined
}

/**
 * Pins the machine of a profile on first use: a relay that names another one later is told apart, and never silently
 * believed.
 */
export function pinGenesis({ store, network, told }: GenesisPinInit): GenesisPin {
  const kept = read(store, network)
  const now: Read = told === undefined ? {} : tryRead(told, network)
  if (kept.machine === undefined && kept.failure === undefined) {
    if (now.machine !== undefined) save(store, now.machine)
    return { pinned: now.machine, other: undefined, failure: now.failure }
  }
  const isSame = now.machine !== undefined && sameMachine(now.machine, kept.machine)
  return {
    pinned: kept.machine,
    other: isSame ? undefined : now.machine,
    failure: kept.failure ?? now.failure,
  }
}

/** Takes the other machine, since a person chose it by its id. @throws MACHINE_OTHER unless it is the one that was named */
export function chooseGenesis(
  pin: GenesisPin,
  idHex: string,
  { store }: Pick<GenesisPinInit, 'store'>,
): GenesisPin {
  const { other } = pin
  if (other === undefined || toHex(other.id) !== idHex) {
    throw new PeerError(
      'MACHINE_OTHER',
      other === undefined
        ? 'No relay names another machine than the one that this profile believes. Nothing was changed.'
        : `The relay names machine ${toHex(other.id)}, and not ${idHex.slice(0, 80)}. Nothing was changed.`,
    )
  }
  save(store, other)
  return { pinned: other, other: undefined, failure: undefined }
}

function sameMachine(a: KnownMachine, b: KnownMachine | undefined): boolean {
  return b !== undefined && toHex(a.id) === toHex(b.id)
}

interface Read {
  readonly machine?: KnownMachine
  readonly failure?: AppError
}

function read(store: KeyValue | undefined, network: NetworkName): Read {
  let text: string | null | undefined
  try {
    text = store?.getItem(genesisKey(network))
  } catch {
    // forbidden: as in a profile that is new
  }
  return text === null || text === undefined ? {} : tryRead(text, network)
}

function tryRead(text: string, network: NetworkName): Read {
  try {
    const genesis = parseGenesis(text)
    if (genesis.network !== network) {
      const message = `The relay names a machine of the network ${genesis.network}; this page is of ${network}. It is not believed.`
      return { failure: new PeerError('MACHINE_OTHER', message) }
    }
    return { machine: { genesis, id: machineOfGenesis(genesis) } }
  } catch (error) {
    return { failure: error as AppError }
  }
}

function save(store: KeyValue | undefined, { genesis }: KnownMachine): void {
  try {
    store?.setItem(genesisKey(genesis.network), formatGenesis(genesis))
  } catch {
    // full or forbidden: it holds for this page
  }
}
