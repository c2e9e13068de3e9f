import { RELAY_OPTIONS } from '../../relay/config.ts'
import { ROOT } from './root.ts'

/** The table of options in relay/README.md, its columns aligned. */
export function optionsTable(): string {
  const rows = Object.values(RELAY_OPTIONS).map(({ flag, type, default: fallback, summary }) => {
    const isOn = type.isFlag === true && fallback === 'true'
    const shown = type.isFlag === true ? '' : fallback.replace(ROOT, '')
    return [`\`--${isOn ? 'no-' : ''}${flag}\``, shown, summary]
  })
  const head = ['flag', 'default', '']
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}
