import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { JoinPhase } from '#api/network-types.ts'
import { keepPage } from '#offline/keep-page.ts'

function start() {
  const network = signal<{ join: { phase: JoinPhase; progress: number } }>({
    join: { phase: 'starting', progress: 0 },
  })
  const tasks: (() => void)[] = []
  const registered: unknown[][] = []
  const register = async (...args: unknown[]) => {
    registered.push(args)
    throw new Error('there is no sw.js')
  }
  keepPage({
    container: { register } as unknown as ServiceWorkerContainer,
    network,
    whenIdle: (task) => tasks.push(task),
  })
  const go = (phase: JoinPhase) => {
    network.value = { join: { phase, progress: 0 } }
  }
  return { go, tasks, registered }
}

describe('[NE8] keeping the page for later', () => {
  it.each(['ready', 'offline'] as const)('begins once, when the tab is %s and idle', (phase) => {
    const { go, tasks, registered } = start()
    go('relay')
    go('peers')
    expect(tasks).toHaveLength(0)
    go(phase)
    expect(registered).toHaveLength(0)
    tasks[0]?.()
    go('relay')
    go('ready')
    expect(tasks).toHaveLength(1)
    expect(registered).toEqual([['./sw.js', { updateViaCache: 'none' }]])
  })

  it('is left out where there is no such thing', () => {
    const network = signal({ join: { phase: 'ready' as const, progress: 1 } })
    expect(() => keepPage({ container: undefined, network, whenIdle: (task) => task() })).not.toThrow()
  })
})
