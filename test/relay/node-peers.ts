import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNodeTabland, type NodeTabland } from '#relay/create-node-tabland.ts'

export interface NodePeers {
  /** an empty folder */
  makeProfile(): Promise<string>
  /** A `tabland` peer in this process. @default a new profile */
  join(relay: string, profileDir?: string): Promise<NodeTabland>
  /** Stops and removes everything that was made since the last call. */
  stop(): Promise<void>
}

/** `tabland` peers with profiles of their own. */
export function createNodePeers(): NodePeers {
  const stops: (() => Promise<void>)[] = []

  async function makeProfile(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tabland-objects-'))
    stops.push(() => rm(folder, { recursive: true, force: true }))
    return folder
  }

  return {
    makeProfile,
    async join(relay, profileDir) {
      const node = await createNodeTabland({
        relay,
        profileDir: profileDir ?? (await makeProfile()),
        signal: new AbortController().signal,
        warn() {},
      })
      let stopped: Promise<void> | undefined
      const stop = () => {
        stopped ??= node.stop()
        return stopped
      }
      stops.push(stop)
      return { ...node, stop }
    },
    async stop() {
      for (const stop of stops.splice(0).reverse()) await stop()
    },
  }
}
