import { type Signal, signal } from '@preact/signals'
import { EMPTY_PURSE, type PurseCommands, type PurseState } from './wallet-types.ts'

export interface Purse {
  readonly state: Signal<PurseState>
  readonly commands: PurseCommands
}

/** Wallets whose code is still on its way: each command waits for it. */
export function lazyPurse(load: (state: Signal<PurseState>) => Promise<PurseCommands>): Purse {
  const state = signal(EMPTY_PURSE)
  const loading = load(state)
  loading.catch(() => {}) // told by each command
  return {
    state,
    commands: {
      protect: async (...args) => (await loading).protect(...args),
      connect: async (...args) => (await loading).connect(...args),
      disconnect: async (...args) => (await loading).disconnect(...args),
      balance: async () => (await loading).balance(),
      write: async (...args) => (await loading).write(...args),
      answerWrite: async (...args) => (await loading).answerWrite(...args),
      settled: async (...args) => (await loading).settled(...args),
      faucet: async () => (await loading).faucet(),
      parcel: async (...args) => (await loading).parcel(...args),
      auctions: async () => (await loading).auctions(),
      governance: async () => (await loading).governance(),
      models: async (parcels) => (await loading).models(parcels),
      portal: async (...args) => (await loading).portal(...args),
      portals: async (...args) => (await loading).portals(...args),
      sale: async (...args) => (await loading).sale(...args),
      readClaim: async (...args) => (await loading).readClaim(...args),
    },
  }
}
