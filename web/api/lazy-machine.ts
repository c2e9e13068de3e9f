import { type Signal, signal } from '@preact/signals'
import type { MachineApi, MachineState } from './machine-types.ts'

/** The machine before anybody was asked. */
export function createMachineState(isNamed = false): Signal<MachineState> {
  return signal<MachineState>({ isNamed, forks: [], falseStakes: [], refused: [] })
}

/** Commands whose code is fetched when the first of them is called; a fetch that failed is tried again by the next. */
export function lazyMachine(load: () => Promise<MachineApi>): MachineApi {
  let loading: Promise<MachineApi> | undefined
  const api = (): Promise<MachineApi> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    })
    return loading
  }
  return {
    prove: async (...args) => (await api()).prove(...args),
    proof: async (...args) => (await api()).proof(...args),
    verify: async (...args) => (await api()).verify(...args),
    machine: async (...args) => (await api()).machine(...args),
    bandwidth: async (...args) => (await api()).bandwidth(...args),
    trust: async (...args) => (await api()).trust(...args),
  }
}
