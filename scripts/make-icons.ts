// Draws the icons of the installed page from web/ui/favicon.svg into web/public: node scripts/make-icons.ts
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { launchProfile, openPage } from '../test/e2e/harness/chromium.ts'
import { ROOT } from './lib/root.ts'

interface IconKind {
  readonly file: string
  /** pixels */
  readonly side: number
  /** Systems cut a maskable icon to a circle of 80 % of its side at least: the sea reaches its edges. */
  readonly maskable?: true
}

const ICONS: readonly IconKind[] = [
  { file: 'icon-192.png', side: 192 },
  { file: 'icon-512.png', side: 512 },
  { file: 'icon-maskable-512.png', side: 512, maskable: true },
]

const svg = await readFile(join(ROOT, 'web/ui/favicon.svg'), 'utf8')
const browser = await launchProfile()
try {
  const { page } = await openPage(browser)
  for (const { file, side, maskable } of ICONS) {
    const picture = maskable
      ? svg.replace('<circle cx="16" cy="16" r="16"', '<rect width="32" height="32"')
      : svg
    await page.setViewportSize({ width: side, height: side })
    await page.setContent(
      `<style>body{margin:0}svg{display:block;width:${side}px;height:${side}px}</style>${picture}`,
    )
    await writeFile(join(ROOT, 'web/public', file), await page.screenshot({ omitBackground: true }))
  }
} finally {
  await browser.close()
}
