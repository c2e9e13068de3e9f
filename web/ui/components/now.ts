import { useEffect, useState } from 'preact/hooks'

/** Times shown as "10 s ago" move on this often. */
const TICK_MS = 1_000

/** The clock, in unix ms; draws the component anew every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}
