/** What a person does to the world, by keys, mouse, touch and gamepad, as one intent that the visitor follows. */
export interface Intent {
  /** -1..1: right, forward */
  moveX: number
  moveY: number
  /** degrees per second, -1..1 of full turn speed */
  turn: number
  run: boolean
  jump: boolean
  /** -1..1: nearer, farther (held keys) */
  zoom: number
}

export interface InputEvents {
  /** a drag over the canvas, CSS pixels */
  look(dx: number, dy: number): void
  /** a click or tap without a drag, CSS pixels of the page */
  tap(clientX: number, clientY: number): void
  doubleTap(clientX: number, clientY: number): void
  /** wheel or pinch: factor on the distance, > 1 = farther */
  zoom(factor: number): void
  toggleFly(): void
  /** the intent may have changed */
  change(): void
}

export interface Input {
  readonly intent: Intent
  /** Reads gamepads into the intent; call once per frame. */
  poll(): void
  stop(): void
}

const TAP_PIXELS = 6
const TAP_MS = 500
const DOUBLE_TAP_MS = 350
const DOUBLE_TAP_PIXELS = 30
/** What was pressed twice may be gone at the second press, as a button that publishes: that one is not for the world. */
const PRESS_THROUGH_MS = 1_500
/** How often an idle gamepad is looked at: it has no events. */
const GAMEPAD_POLL_MS = 120
const GAMEPAD_DEADZONE = 0.18
/** Keys typed here belong to the page. */
const TYPING = 'input, textarea, select, button, a[href], summary, dialog, [contenteditable], [role]'

/** Listens on the canvas and, for keys, on its document. Browser globals are touched only here. */
export function listenInput(canvas: HTMLCanvasElement, events: InputEvents): Input {
  const intent: Intent = { moveX: 0, moveY: 0, turn: 0, run: false, jump: false, zoom: 0 }
  const abort = new AbortController()
  const keys = new Set<string>()
  listenKeys(canvas, { keys, intent, events, signal: abort.signal })
  listenPointers(canvas, events, abort.signal)
  listenWheel(canvas, events, abort.signal)
  const gamepad = listenGamepads({ intent, events, signal: abort.signal, keys })
  return { intent, poll: gamepad, stop: () => abort.abort() }
}

interface KeyInput {
  readonly keys: Set<string>
  readonly intent: Intent
  readonly events: InputEvents
  readonly signal: AbortSignal
}

const MOVES: ReadonlySet<string> = new Set(
  'KeyW KeyA KeyS KeyD KeyQ KeyE ArrowUp ArrowDown ArrowLeft ArrowRight Space Equal Minus ShiftLeft ShiftRight'.split(
    ' ',
  ),
)

function listenKeys(canvas: HTMLCanvasElement, input: KeyInput): void {
  const { keys, intent, events, signal } = input
  const page = canvas.ownerDocument
  const onKey = (event: KeyboardEvent) => {
    const down = event.type === 'keydown'
    if (
      down &&
      (event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isTyping(event.target, canvas))
    ) {
      return
    }
    if (down && event.code === 'KeyF' && !event.repeat) events.toggleFly()
    if (!MOVES.has(event.code)) return
    if (!down && !keys.has(event.code)) return
    if (down) event.preventDefault()
    if (down) keys.add(event.code)
    else keys.delete(event.code)
    applyKeys(keys, intent)
    events.change()
  }
  page.addEventListener('keydown', onKey, { signal })
  page.addEventListener('keyup', onKey, { signal })
  // A key released in another window never comes up here.
  const release = () => {
    if (keys.size === 0) return
    keys.clear()
    applyKeys(keys, intent)
    events.change()
  }
  page.defaultView?.addEventListener('blur', release, { signal })
  page.addEventListener('visibilitychange', release, { signal })
}

function isTyping(target: EventTarget | null, canvas: HTMLCanvasElement): boolean {
  if (target === null || target === canvas || !('closest' in target)) return false
  return (target as Element).closest(TYPING) !== null
}

function applyKeys(keys: ReadonlySet<string>, intent: Intent): void {
  const axis = (plus: readonly string[], minus: readonly string[]) =>
    Number(plus.some((key) => keys.has(key))) - Number(minus.some((key) => keys.has(key)))
  intent.moveX = axis(['KeyD'], ['KeyA'])
  intent.moveY = axis(['KeyW', 'ArrowUp'], ['KeyS', 'ArrowDown'])
  intent.turn = axis(['ArrowRight', 'KeyE'], ['ArrowLeft', 'KeyQ'])
  intent.zoom = axis(['Minus'], ['Equal'])
  intent.run = keys.has('ShiftLeft') || keys.has('ShiftRight')
  intent.jump = keys.has('Space')
}

interface Touch {
  x: number
  y: number
}

function listenPointers(canvas: HTMLCanvasElement, events: InputEvents, signal: AbortSignal): void {
  const down = new Map<number, Touch>()
  /** of what may become a tap; `isThrough`: it was meant for what stood above the world */
  let start: { x: number; y: number; time: number; isThrough: boolean } | undefined
  let lastTap: { x: number; y: number; time: number } | undefined
  let elsewhere: { x: number; y: number; time: number } | undefined
  canvas.ownerDocument.addEventListener(
    'pointerdown',
    ({ target, clientX, clientY, timeStamp }) => {
      if (target !== canvas) elsewhere = { x: clientX, y: clientY, time: timeStamp }
    },
    { signal, capture: true },
  )
  const isPressThrough = (event: PointerEvent): boolean => {
    // who has pressed the world means the world from then on
    if (elsewhere !== undefined && distance(elsewhere, event) >= DOUBLE_TAP_PIXELS) elsewhere = undefined
    return elsewhere !== undefined && event.timeStamp - elsewhere.time < PRESS_THROUGH_MS
  }
  canvas.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0 && event.button !== 2) return
      canvas.setPointerCapture?.(event.pointerId)
      canvas.focus?.({ preventScroll: true })
      down.set(event.pointerId, { x: event.clientX, y: event.clientY })
      const isThrough = isPressThrough(event)
      const { clientX: x, clientY: y, timeStamp: time } = event
      start = down.size === 1 ? { x, y, time, isThrough } : undefined
    },
    { signal },
  )
  canvas.addEventListener(
    'pointermove',
    (event) => {
      const touch = down.get(event.pointerId)
      if (touch === undefined) return
      if (start !== undefined && distance(start, event) > TAP_PIXELS) start = undefined
      if (down.size === 1 && start === undefined)
        events.look(event.clientX - touch.x, event.clientY - touch.y)
      if (down.size === 2) pinch(down, event, events)
      touch.x = event.clientX
      touch.y = event.clientY
    },
    { signal },
  )
  const release = (event: PointerEvent) => {
    down.delete(event.pointerId)
    const tapped = start
    start = undefined
    if (event.type !== 'pointerup' || tapped === undefined || tapped.isThrough) return
    if (event.timeStamp - tapped.time > TAP_MS) return
    const isDouble =
      lastTap !== undefined &&
      event.timeStamp - lastTap.time < DOUBLE_TAP_MS &&
      distance(lastTap, event) < DOUBLE_TAP_PIXELS
    lastTap = isDouble ? undefined : { x: event.clientX, y: event.clientY, time: event.timeStamp }
    if (isDouble) events.doubleTap(event.clientX, event.clientY)
    else events.tap(event.clientX, event.clientY)
  }
  canvas.addEventListener('pointerup', release, { signal })
  canvas.addEventListener('pointercancel', release, { signal })
  canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal })
}

function distance(a: { readonly x: number; readonly y: number }, event: PointerEvent): number {
  return Math.hypot(event.clientX - a.x, event.clientY - a.y)
}

/** Two fingers: how far apart they were over how far they are. */
function pinch(down: ReadonlyMap<number, Touch>, event: PointerEvent, events: InputEvents): void {
  for (const [id, other] of down) {
    if (id === event.pointerId) continue
    const moved = down.get(event.pointerId) as Touch
    const before = Math.hypot(moved.x - other.x, moved.y - other.y)
    const after = Math.hypot(event.clientX - other.x, event.clientY - other.y)
    if (before > 0 && after > 0) events.zoom(before / after)
  }
}

function listenWheel(canvas: HTMLCanvasElement, events: InputEvents, signal: AbortSignal): void {
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      const pixels = event.deltaMode === 1 ? event.deltaY * 32 : event.deltaY
      events.zoom(Math.exp(Math.min(240, Math.max(-240, pixels)) * 0.0016))
    },
    { signal, passive: false },
  )
}

interface GamepadInput {
  readonly intent: Intent
  readonly events: InputEvents
  readonly signal: AbortSignal
  readonly keys: ReadonlySet<string>
}

/** A gamepad wins over idle keys; without one, polling costs nothing. */
function listenGamepads({ intent, events, signal, keys }: GamepadInput): () => void {
  if (
    typeof globalThis.navigator?.getGamepads !== 'function' ||
    typeof globalThis.addEventListener !== 'function'
  ) {
    return () => {}
  }
  let timer: ReturnType<typeof setInterval> | undefined
  let active = false
  const poll = () => {
    const pad = timer === undefined ? undefined : navigator.getGamepads().find((item) => item?.connected)
    if (pad === undefined || pad === null) return
    const moved = readGamepad(pad, intent)
    if (moved) events.change()
    else if (active) applyKeys(keys, intent)
    active = moved
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }
  globalThis.addEventListener(
    'gamepadconnected',
    () => {
      timer ??= setInterval(poll, GAMEPAD_POLL_MS)
    },
    { signal },
  )
  globalThis.addEventListener('gamepaddisconnected', stop, { signal })
  signal.addEventListener('abort', stop, { once: true })
  return poll
}

function readGamepad({ axes, buttons }: Gamepad, intent: Intent): boolean {
  const axis = (index: number) => {
    const value = axes[index] ?? 0
    return Math.abs(value) < GAMEPAD_DEADZONE ? 0 : value
  }
  const pressed = (index: number) => buttons[index]?.pressed ?? false
  const jump = pressed(0)
  const run = pressed(5) || pressed(10)
  const zoom = (buttons[6]?.value ?? 0) - (buttons[7]?.value ?? 0)
  const moved = jump || zoom !== 0 || [0, 1, 2].some((index) => axis(index) !== 0)
  if (!moved) return false
  intent.moveX = axis(0)
  intent.moveY = -axis(1)
  intent.turn = axis(2)
  intent.jump = jump
  intent.run = run
  intent.zoom = zoom
  return true
}
