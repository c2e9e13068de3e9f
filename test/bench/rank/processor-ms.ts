/**
 * Milliseconds that this thread has had of a processor: on a crowded machine the time on the wall says mostly how
 * crowded it is. The engine's helpers (compiler, collector) are not in it.
 */
export function processorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
