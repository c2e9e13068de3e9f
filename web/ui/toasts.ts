import { type ReadonlySignal, signal } from '@preact/signals'

/** Shown at once; older ones leave. */
export const MAX_TOASTS = 3
/** Long enough to read two short sentences twice. */
export const TOAST_MS = 6_000

export interface Toast {
  readonly id: number
  readonly kind: 'done' | 'failure'
  readonly text: string
}

export interface Toasts {
  readonly list: ReadonlySignal<readonly Toast[]>
  show(kind: Toast['kind'], text: string): void
  dismiss(id: number): void
  stop(): void
}

export interface ToastsInit {
  /** @default setTimeout of the page */
  readonly schedule?: (task: () => void, ms: number) => () => void
}

function scheduleByTimer(task: () => void, ms: number): () => void {
  const timer = setTimeout(task, ms)
  return () => clearTimeout(timer)
}

/** Short messages for what passes by itself; everything that needs an answer is said where it happened instead. */
export function createToasts({ schedule = scheduleByTimer }: ToastsInit = {}): Toasts {
  const list = signal<readonly Toast[]>([])
  const cancels = new Map<number, () => void>()
  let nextId = 1

  const dismiss = (id: number): void => {
    cancels.get(id)?.()
    cancels.delete(id)
    list.value = list.value.filter((toast) => toast.id !== id)
  }

  return {
    list,
    show(kind, text) {
      const id = nextId++
      list.value = [...list.value.filter((toast) => toast.text !== text), { id, kind, text }].slice(
        -MAX_TOASTS,
      )
      cancels.set(
        id,
        schedule(() => dismiss(id), TOAST_MS),
      )
    },
    dismiss,
    stop() {
      for (const cancel of cancels.values()) cancel()
      cancels.clear()
    },
  }
}
