/** In the page: elements that reach over the left or right edge. */
export function overEdges(): string[] {
  const wide = [...document.querySelectorAll<HTMLElement>('.shell *')].filter((element) => {
    const { right, left, width } = element.getBoundingClientRect()
    const isHidden = element.closest('.visually-hidden, .stage, [hidden]') !== null
    return width > 0 && !isHidden && (right > innerWidth + 0.5 || left < -0.5)
  })
  return wide.map((element) => element.className)
}

/** In the page: texts whose contrast with their nearest ground is below WCAG AA (4.5, or 3 when large). */
export function lowContrast(): string[] {
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return ['no canvas']
  const toRgba = (color: string): readonly number[] => {
    context.clearRect(0, 0, 1, 1)
    context.fillStyle = color
    context.fillRect(0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data]
  }
  const luminance = ([r = 0, g = 0, b = 0]: readonly number[]): number => {
    const [lr = 0, lg = 0, lb = 0] = [r, g, b].map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb
  }
  // tints lie over the first solid ground below them
  const groundOf = (element: Element | null): readonly number[] => {
    if (element === null) return [255, 255, 255]
    const [r = 0, g = 0, b = 0, a = 0] = toRgba(getComputedStyle(element).backgroundColor)
    if (a === 255) return [r, g, b]
    const below = groundOf(element.parentElement)
    const share = a / 255
    return [r, g, b].map((value, i) => value * share + (below[i] ?? 0) * (1 - share))
  }
  const walker = document.createTreeWalker(
    document.querySelector('.shell') ?? document.body,
    NodeFilter.SHOW_TEXT,
  )
  const low: string[] = []
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement
    if (element === null || node.textContent?.trim() === '') continue
    if (element.closest('.visually-hidden, :disabled, [hidden]') || !element.checkVisibility()) continue
    const style = getComputedStyle(element)
    const text = luminance(toRgba(style.color))
    const ground = luminance(groundOf(element))
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
    const needed = Number.parseFloat(style.fontSize) >= 18.66 ? 3 : 4.5
    if (contrast < needed) low.push(`${node.textContent}: ${contrast.toFixed(2)}`)
  }
  return low
}
