import type { RelayConfig } from './config.ts'
import type { MachineRole, ServedMachine } from './relay-services.ts'

/** What the configuration makes of a relay; conflicts were refused where it was read. */
export function machineRoleOf({ orderer, follow, blockMs }: RelayConfig): MachineRole {
  if (orderer) return { kind: 'order', blockMs }
  return follow === '' ? { kind: 'none' } : { kind: 'follow', of: follow, blockMs }
}

/** A part of `/tabland.json`. */
export function genesisTold(machine: ServedMachine | undefined): { readonly genesis?: string } {
  return machine === undefined ? {} : { genesis: machine.genesis }
}

/** A part of `/healthz`. */
export function standTold(machine: ServedMachine | undefined): {
  readonly machine?: ReturnType<ServedMachine['status']>
} {
  return machine === undefined ? {} : { machine: machine.status() }
}
