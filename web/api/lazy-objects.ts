import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import type { ObjectCommands } from './object-commands.ts'

/** Commands over objects whose code is still on its way: each waits for it. */
export function lazyObjects(loading: Promise<ObjectCommands>): ObjectCommands {
  loading.catch(() => {}) // told by each command
  return {
    open: async (...args) => (await loading).open(...args),
    get: async (...args) => (await loading).get(...args),
    put: async (...args) => (await loading).put(...args),
    parse: parseCyfsLink,
    format: formatCyfsLink,
  }
}
