/** Browser functions that a loop of frames needs; tests pass their own. */
export interface FrameSource {
  request(callback: (timestampMs: number) => void): number
  cancel(handle: number): void
}

/** Longest step told: slow machines keep real time, but nothing leaps after a pause; seconds. */
const MAX_STEP_S = 0.5
/** Step of the first frame after rest: one of a 60 Hz screen. */
const FIRST_STEP_S = 1 / 60

/**
 * Draws on demand: a frame is asked for by `invalidate`; more follow only as long and as fast as `onFrame` says.
 * At rest nothing is scheduled at all.
 */
export class FrameLoop {
  readonly #source: FrameSource
  readonly #onFrame: (dt: number, timestampMs: number) => number
  /** the next frame drawn without being asked for; ms of the source's clock */
  #due = 0
  #handle: number | undefined
  #last: number | undefined
  #stopped = false

  /** `onFrame` answers in how many ms the next frame is due: 0 = at once, Infinity = none until `invalidate`. */
  constructor(source: FrameSource, onFrame: (dt: number, timestampMs: number) => number) {
    this.#source = source
    this.#onFrame = onFrame
  }

  /** Is a frame on its way? */
  get isActive(): boolean {
    return this.#handle !== undefined
  }

  /** Something changed: draw at the next chance. */
  invalidate(): void {
    this.#due = 0
    this.#request()
  }

  stop(): void {
    this.#stopped = true
    if (this.#handle !== undefined) this.#source.cancel(this.#handle)
    this.#handle = undefined
  }

  #request(): void {
    if (this.#stopped || this.#handle !== undefined) return
    this.#handle = this.#source.request(this.#tick)
  }

  readonly #tick = (timestampMs: number): void => {
    this.#handle = undefined
    if (timestampMs < this.#due) {
      this.#request()
      return
    }
    const dt = this.#last === undefined ? FIRST_STEP_S : (timestampMs - this.#last) / 1000
    // What asks for a frame while this one is drawn gets the next one.
    this.#due = Infinity
    const waitMs = this.#onFrame(Math.min(MAX_STEP_S, Math.max(0, dt)), timestampMs)
    this.#due = Math.min(this.#due, timestampMs + waitMs)
    this.#last = this.#due === Infinity ? undefined : timestampMs
    if (this.#due !== Infinity) this.#request()
  }
}
