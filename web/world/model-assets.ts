/** Models by content id: fetched once, prepared once, shared by every parcel that shows them, let go last-used first. */
import type { AppBase } from 'playcanvas'
import type { Failure } from '#api/types.ts'
import { AppError, isAppError } from '#core/errors.ts'
import { type Bounds, boundsOfError } from '#objects/glb.ts'
import type { FetchModelOptions } from './fetch-model.ts'
import { createModelAsset, type ModelAsset } from './model-asset.ts'
import type { ModelPreparer } from './model-preparer.ts'

/** Models that nobody looks at any more are kept for the way back, this many at most. */
export const MAX_IDLE_MODELS = 8
/** A model that nobody could send is asked for again after this. */
export const RETRY_MS = 20_000

export type ModelState =
  | { readonly kind: 'loading'; readonly progress: number }
  | { readonly kind: 'ready'; readonly asset: ModelAsset }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly bounds: Bounds | undefined }

export interface ModelAssetsComponents {
  readonly app: AppBase
  /** bytes of a model, of MAX_MODEL_BYTES at most */
  readonly fetch: (key: string, options: FetchModelOptions) => Promise<Uint8Array>
  readonly preparer: ModelPreparer
  /** a model's state changed */
  readonly onChange: (key: string) => void
}

interface Entry {
  state: ModelState
  readonly abort: AbortController
  users: number
}

export class ModelAssets {
  readonly #components: ModelAssetsComponents
  /** in order of last use */
  readonly #entries = new Map<string, Entry>()
  readonly #uploads = new Set<Promise<ModelAsset>>()
  #retry: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(components: ModelAssetsComponents) {
    this.#components = components
  }

  get loading(): number {
    let count = 0
    for (const { state } of this.#entries.values()) if (state.kind === 'loading') count += 1
    return count
  }

  /** GPU bytes of textures, used and idle. */
  get textureBytes(): number {
    let bytes = 0
    for (const { state } of this.#entries.values())
      if (state.kind === 'ready') bytes += state.asset.model.textureBytes
    return bytes
  }

  get(key: string): ModelState | undefined {
    return this.#entries.get(key)?.state
  }

  /** Begins to load a model, unless it is there or on its way. `local` gives the bytes of one not published. */
  load(key: string, local?: Uint8Array): void {
    if (this.#stopped || this.#entries.has(key)) return
    const entry: Entry = { state: { kind: 'loading', progress: 0 }, abort: new AbortController(), users: 0 }
    this.#entries.set(key, entry)
    void this.#run(key, entry, local)
  }

  /** One more copy of a model stands. */
  hold(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    entry.users += 1
    this.#entries.delete(key)
    this.#entries.set(key, entry)
  }

  /** One copy less; the model itself stays for a while. */
  release(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    entry.users -= 1
    this.#trim()
  }

  /** Stops loads that nobody waits for any more and lets go of failures. */
  keepOnly(wanted: ReadonlySet<string>): void {
    for (const [key, entry] of this.#entries) {
      if (wanted.has(key) || entry.state.kind === 'ready') continue
      entry.abort.abort()
      this.#entries.delete(key)
    }
  }

  /** Stops all loads. @returns resolves once the engine reads no model any more */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#retry)
    for (const { abort, state } of this.#entries.values()) {
      abort.abort()
      if (state.kind === 'ready') state.asset.destroy()
    }
    this.#entries.clear()
    await Promise.allSettled(this.#uploads)
  }

  async #run(key: string, entry: Entry, local: Uint8Array | undefined): Promise<void> {
    const { app, preparer, onChange } = this.#components
    try {
      const bytes = local ?? (await this.#fetch(key, entry))
      const model = await preparer.prepare(bytes)
      entry.abort.signal.throwIfAborted()
      const asset = await this.#upload(createModelAsset(app, key, model))
      if (entry.abort.signal.aborted || this.#stopped) asset.destroy()
      else entry.state = { kind: 'ready', asset }
    } catch (error) {
      if (entry.abort.signal.aborted) return
      entry.state = {
        kind: 'failed',
        failure: failureOf(error),
        bounds: isAppError(error) ? boundsOfError(error) : undefined,
      }
      if (!isAboutTheModel(error)) this.#retryLater()
    }
    if (this.#entries.get(key) === entry) onChange(key)
    this.#trim()
  }

  /** Keeps count of what the engine is reading. */
  async #upload(upload: Promise<ModelAsset>): Promise<ModelAsset> {
    this.#uploads.add(upload)
    try {
      return await upload
    } finally {
      this.#uploads.delete(upload)
    }
  }

  #fetch(key: string, entry: Entry): Promise<Uint8Array> {
    return this.#components.fetch(key, {
      signal: entry.abort.signal,
      onProgress: ({ bytes, total }) => {
        if (entry.state.kind !== 'loading') return
        entry.state = {
          kind: 'loading',
          progress: total === undefined || total === 0 ? 0 : Math.min(1, bytes / total),
        }
        this.#components.onChange(key)
      },
    })
  }

  /** What could not be fetched is forgotten after a while, so that the next plan asks again. */
  #retryLater(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      for (const [key, { state }] of this.#entries) {
        if (state.kind !== 'failed' || state.failure.code.startsWith('GLB_')) continue
        this.#entries.delete(key)
        this.#components.onChange(key)
      }
    }, RETRY_MS)
  }

  #trim(): void {
    let idle = 0
    for (const { users, state } of this.#entries.values()) if (users <= 0 && state.kind === 'ready') idle += 1
    for (const [key, { users, state }] of this.#entries) {
      if (idle <= MAX_IDLE_MODELS) return
      if (users > 0 || state.kind !== 'ready') continue
      state.asset.destroy()
      this.#entries.delete(key)
      idle -= 1
    }
  }
}

function isAboutTheModel(error: unknown): boolean {
  return isAppError(error) && (error.code.startsWith('GLB_') || error.code.startsWith('MODEL_'))
}

export function failureOf(error: unknown): Failure {
  if (isAppError(error)) return { code: error.code, message: error.message }
  const cause = new AppError(
    'MODEL_FETCH',
    'Nobody here can send this model now. It is asked for again soon.',
    {
      cause: error,
    },
  )
  return { code: cause.code, message: cause.message }
}
