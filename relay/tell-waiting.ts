import { every, type Timers } from '#core/timers.ts'

/** A wait that is shorter needs no words. */
const LOOK_MS = 2_000

export interface TellWaitingInit {
  readonly timers: Timers
  readonly tell: (line: string) => void
  /** one sentence of what is waited for now, and why it takes so long */
  readonly describe: () => string
}

/** Waits for `work`. After two seconds it says what for, and again whenever that is something else. */
export async function tellWaiting<T>(
  work: Promise<T>,
  { timers, tell, describe }: TellWaitingInit,
): Promise<T> {
  let told = ''
  const stop = every(timers, LOOK_MS, () => {
    const line = describe()
    if (line !== told) tell(line)
    told = line
  })
  try {
    return await work
  } finally {
    stop()
  }
}
