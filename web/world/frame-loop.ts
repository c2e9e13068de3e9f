/** Browser functions that a loop of frames needs; tests pass their own. */
export interface FrameSource {
  request(callback: (timestampMs: number) => void): number
  cancel(handle: number): void
}

/** Longest step of motion, so that a visitor never leaps after a pause; seconds. */
const MAX_STEP_S = 0.1
/** Step of the first frame after rest: one of a 60 Hz screen. */
const FIRST_STEP_S = 1 / 60

/**
 * Draws on demand: a frame is asked for by `invalidate` and goes on only as long as `onFrame` says that something
 * still moves. At rest nothing is scheduled at all.
 */
export class FrameLoop {
  readonly #source: FrameSource
  readonly #onFrame: (dt: number, timestampMs: number) => boolean
  #handle: number | undefined
  #last: number | undefined
  #stopped = false

  constructor(source: FrameSource, onFrame: (dt: number, timestampMs: number) => boolean) {
    this.#source = source
    this.#onFrame = onFrame
  }

  /** Is a frame on its way? */
  get isActive(): boolean {
    return this.#handle !== undefined
  }

  /** Something changed: draw at the next chance. */
  invalidate(): void {
    if (this.#stopped || this.#handle !== undefined) return
    this.#handle = this.#source.request(this.#tick)
  }

  stop(): void {
    this.#stopped = true
    if (this.#handle !== undefined) this.#source.cancel(this.#handle)
    this.#handle = undefined
  }

  readonly #tick = (timestampMs: number): void => {
    this.#handle = undefined
    const dt = this.#last === undefined ? FIRST_STEP_S : (timestampMs - this.#last) / 1000
    const goesOn = this.#onFrame(Math.min(MAX_STEP_S, Math.max(0, dt)), timestampMs)
    this.#last = goesOn ? timestampMs : undefined
    if (goesOn) this.invalidate()
  }
}
