import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Settings } from './settings.ts'

const SEEN = 'pin-hint'
/** A visit begins with the world; the hint leaves it alone for this long. */
export const FIRST_LOOK_MS = 30_000

export interface PinHint {
  /** Is it time to say how to pin the tab? */
  readonly due: ReadonlySignal<boolean>
  /** Something was just seeded from here: the word is in place at once. */
  earn(): void
  /** It was seen: it stays until it is put away, and no later visit shows it. */
  remember(): void
  dismiss(): void
  stop(): void
}

export interface PinHintInit {
  readonly settings: Settings
  /** has this person been here before this visit? */
  readonly returning: boolean
  /** does this profile keep something for good? */
  readonly hasMine: () => boolean
  /** joined, the welcome put away, and nothing else open where it would stand? */
  readonly hasRoom: () => boolean
  /** @default setTimeout of the page */
  readonly schedule?: (task: () => void, ms: number) => () => void
}

function scheduleByTimer(task: () => void, ms: number): () => void {
  const timer = setTimeout(task, ms)
  return () => clearTimeout(timer)
}

/** When the page tells, once, that a pinned tab goes on serving. */
export function createPinHint(init: PinHintInit): PinHint {
  const { settings, returning, hasMine, hasRoom, schedule = scheduleByTimer } = init
  const done = signal(settings.get(SEEN) === 'yes')
  const looked = signal(false)
  const cancel = schedule(() => {
    looked.value = true
  }, FIRST_LOOK_MS)
  const remember = (): void => settings.set(SEEN, 'yes')

  return {
    due: computed(() => !done.value && looked.value && (returning || hasMine()) && hasRoom()),
    earn() {
      looked.value = true
    },
    remember,
    dismiss() {
      done.value = true
      remember()
    },
    stop: cancel,
  }
}
