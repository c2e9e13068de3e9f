import type { Page } from 'playwright-core'
import type { Tabland } from '#api/types.ts'

/** In the page. */
declare const tabland: Tabland

/** [KG23] */
const MOST_MS = 60_000
const LEAST_FPS = 30
/** Frames are counted in windows of a second: a page that stands still for one is seen. */
const WINDOW_MS = 1_000

interface Seen {
  /** ms since the page's first link */
  readonly at: number
  readonly links: number
  readonly indexed: number
  readonly sync: string
}

/** How a tab took so many links in, and how its page drew meanwhile. */
export interface WatchedLinks {
  readonly ms: number
  readonly indexedMs: number
  readonly links: number
  readonly frames: number
  readonly slowestWindow: number
  readonly longestGapMs: number
  readonly steps: number
  readonly seen: readonly Seen[]
}

/** Watches links, index and frames from the first link to the last one indexed. */
export function watchLinks(page: Page, links: number): Promise<WatchedLinks> {
  return page.evaluate(
    async ([links, windowMs]) => {
      const { graph } = tabland.state
      const gaps: number[] = []
      let last = 0
      let isOver = false
      const onFrame = (now: number): void => {
        if (last > 0) gaps.push(now - last)
        last = now
        if (!isOver) requestAnimationFrame(onFrame)
      }
      const seen: { at: number; links: number; indexed: number; sync: string }[] = []
      const done = Promise.withResolvers<{ ms: number; indexedMs: number }>()
      let begunAt = 0
      let ms = 0
      let steps = 0
      graph.subscribe(({ links: now, index, sync }) => {
        if (begunAt === 0 && (now > 0 || sync !== undefined)) {
          begunAt = performance.now()
          requestAnimationFrame(onFrame)
        }
        if (begunAt === 0) return
        const at = performance.now() - begunAt
        steps++
        const text = sync === undefined ? '' : `${sync.done} of ${sync.total} batches`
        if (seen.length === 0 || at - seen.at(-1)!.at > 5_000)
          seen.push({ at, links: now, indexed: index.done, sync: text })
        if (now >= links && ms === 0) ms = at
        if (ms > 0 && index.done >= links) done.resolve({ ms, indexedMs: at })
      })
      const times = await done.promise
      isOver = true
      const windows: number[] = []
      let passed = 0
      let frames = 0
      for (const gap of gaps) {
        frames++
        passed += gap
        if (passed < windowMs) continue
        windows.push((frames * 1_000) / passed)
        passed = 0
        frames = 0
      }
      return {
        ...times,
        links: graph.value.links,
        frames: (gaps.length * 1_000) / gaps.reduce((sum, gap) => sum + gap, 0),
        slowestWindow: Math.min(...windows),
        longestGapMs: Math.max(...gaps),
        steps,
        seen,
      }
    },
    [links, WINDOW_MS] as const,
  )
}

/** Prints it. @returns whether it was in time, and the page drew often enough */
export function reportLinks(measured: WatchedLinks): boolean {
  for (const { at, links, indexed, sync } of measured.seen)
    console.log(`${(at / 1_000).toFixed(1).padStart(6)} s: ${links} links, ${indexed} indexed, ${sync}`)
  const { ms, indexedMs, links, frames, slowestWindow, longestGapMs, steps } = measured
  console.log(
    `${links} links checked, kept and merged in ${(ms / 1_000).toFixed(1)} s, told in ${steps} steps`,
  )
  console.log(`all of them indexed after ${(indexedMs / 1_000).toFixed(1)} s (at most ${MOST_MS / 1_000} s)`)
  console.log(
    `frames in requestAnimationFrame: ${frames.toFixed(1)} a second, ${slowestWindow.toFixed(1)} in the slowest second (at least ${LEAST_FPS}), longest gap ${longestGapMs.toFixed(0)} ms`,
  )
  return indexedMs <= MOST_MS && slowestWindow >= LEAST_FPS
}
