import { type ReadonlySignal, signal } from '@preact/signals'
import type { OpenedObject, PublishItem } from '#api/object-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import { askUntilHere } from './ask-again.ts'
import { failureOf, isAbort } from './failure.ts'

/** One file or folder that is to be published. */
export interface Publication {
  readonly name: string
  readonly items: readonly PublishItem[]
}

interface Task extends Publication {
  readonly readers: readonly string[]
}

/** A link that a person opened, and what it led to. */
export interface OpenedLink {
  readonly link: string
  readonly object?: OpenedObject
  readonly failure?: Failure
}

export interface FilesStore {
  readonly opened: ReadonlySignal<OpenedLink | undefined>
  /** why something that was published could not be taken off, by its id */
  readonly failures: ReadonlySignal<ReadonlyMap<string, Failure>>
  /** why something was refused before it was begun; `state.files` tells of all others */
  readonly refused: ReadonlySignal<(Failure & { readonly name: string }) | undefined>
  /** addresses of wallets, as they are typed: what is published next is for these alone, or for everybody */
  readonly readers: ReadonlySignal<string>
  setReaders(text: string): void
  open(link: string): Promise<void>
  close(): void
  /** One after the other, so that a heap of files does not fill the memory. */
  publish(publications: readonly Publication[]): Promise<void>
  /** Tells that what was chosen under this name could not be read. */
  refuse(name: string, error: unknown): void
  /** Ends what is being published under this name, or waits for it; what was stored is let go in time. */
  cancel(name: string): void
  /** Publishes again what broke off under this name; what is stored already counts. */
  retry(name: string): void
  unpublish(id: string): Promise<void>
  stop(): void
}

export interface FilesStoreInit {
  readonly tabland: Promise<Pick<Tabland, 'objects' | 'state'>>
  /** Called for each that was published, with its name. */
  readonly onPublished: (name: string) => void
}

/** Tasks that broke off and can be tried again, with their files: more than the page lists at once. */
const MAX_BROKEN_OFF = 32

/** Files as the page holds them: the link that is open, and what is being published from here. */
export function createFilesStore({ tabland, onPublished }: FilesStoreInit): FilesStore {
  const opened = signal<OpenedLink | undefined>()
  const failures = signal<ReadonlyMap<string, Failure>>(new Map())
  const refused = signal<(Failure & { readonly name: string }) | undefined>()
  const readers = signal('')
  const waiting: Task[] = []
  const brokenOff = new Map<string, Task>()
  const unpublishing = new Map<string, Promise<void>>()
  let running: { readonly name: string; readonly controller: AbortController } | undefined
  let opening = new AbortController()
  let busy = false

  async function publishOne(task: Task): Promise<void> {
    const { name, items, readers: addresses } = task
    const controller = new AbortController()
    running = { name, controller }
    let files: Tabland['state']['files'] | undefined
    try {
      const { objects, state } = await tabland
      files = state.files
      controller.signal.throwIfAborted()
      await objects.publish(items, {
        name,
        signal: controller.signal,
        ...(addresses.length === 0 ? {} : { readers: addresses }),
      })
      onPublished(name)
    } catch (error) {
      if (isAbort(error)) return
      keepBrokenOff(task)
      const isShown = files?.value.publishing.some(({ name: other, failure }) => other === name && failure)
      if (!isShown) refused.value = { name, ...failureOf(error) }
    } finally {
      running = undefined
    }
  }

  function keepBrokenOff(task: Task): void {
    brokenOff.set(task.name, task)
    for (const oldest of [...brokenOff.keys()].slice(0, -MAX_BROKEN_OFF)) brokenOff.delete(oldest)
  }

  async function run(tasks: readonly Task[]): Promise<void> {
    refused.value = undefined
    for (const task of tasks) brokenOff.delete(task.name)
    waiting.push(...tasks)
    if (busy) return
    busy = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await publishOne(next)
    busy = false
  }

  async function takeOff(id: string): Promise<void> {
    let failure: Failure | undefined
    try {
      await (await tabland).objects.unpublish(id)
    } catch (error) {
      failure = failureOf(error)
    }
    const next = new Map(failures.value)
    if (failure === undefined) next.delete(id)
    else next.set(id, failure)
    failures.value = next
  }

  async function look(link: string, signal: AbortSignal): Promise<void> {
    const show = (next: Omit<OpenedLink, 'link'>): Failure | undefined => {
      if (!signal.aborted) opened.value = { link, ...next }
      return next.failure
    }
    const fail = (error: unknown) => show({ failure: failureOf(error) })
    try {
      const { objects, state } = await tabland
      const ask = () => objects.open(link, { signal }).then((object) => show({ object }), fail)
      await askUntilHere(state.network, ask, signal)
    } catch (error) {
      fail(error)
    }
  }

  return {
    opened,
    failures,
    refused,
    async open(link) {
      opening.abort()
      opening = new AbortController()
      const { signal } = opening
      opened.value = { link }
      await look(link, signal)
    },
    close() {
      opening.abort()
      opened.value = undefined
    },
    readers,
    setReaders(text) {
      readers.value = text
    },
    publish(publications) {
      const addresses = readers.value.split(/[\s,]+/).filter((address) => address !== '')
      return run(publications.map((publication) => ({ ...publication, readers: addresses })))
    },
    refuse(name, error) {
      refused.value = { name, ...failureOf(error) }
    },
    cancel(name) {
      waiting.splice(0, waiting.length, ...waiting.filter((task) => task.name !== name))
      if (running?.name === name) running.controller.abort()
    },
    retry(name) {
      const task = brokenOff.get(name)
      if (task !== undefined) void run([task])
    },
    unpublish(id) {
      // asked for twice it would end with "was not published from here"
      const going = unpublishing.get(id) ?? takeOff(id).finally(() => unpublishing.delete(id))
      unpublishing.set(id, going)
      return going
    },
    stop() {
      opening.abort()
      waiting.length = 0
      running?.controller.abort()
    },
  }
}
