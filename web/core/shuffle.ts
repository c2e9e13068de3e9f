/** Puts items into random order, in place (Fisher–Yates). `random` gives 0 ≤ x < 1. */
export function shuffled<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    const item = items[i] as T
    items[i] = items[other] as T
    items[other] = item
  }
  return items
}
