import { serveTimers, type TimerScope } from './worker-timers.ts'

serveTimers(self as unknown as TimerScope) // of a worker's scope it uses no more than that
