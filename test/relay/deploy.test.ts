import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { RELAY_OPTIONS } from '#relay/config.ts'
import { environmentName } from '#relay/option-sources.ts'
import { optionsTable } from '../../scripts/lib/options-table.ts'

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../relay/${name}`, import.meta.url)), 'utf8')
const flags = Object.values(RELAY_OPTIONS).map(({ flag }) => flag)

describe('[RE1] what surrounds the relay keeps up with its options', () => {
  it.each(['Dockerfile', 'compose.yaml', 'tabland-relay.service'])(
    '%s sets only variables that exist',
    (name) => {
      const known = new Set(flags.map(environmentName))
      const used = read(name).match(/TABLAND_[A-Z_]+/g) ?? []
      expect(used.length).toBeGreaterThan(0)
      // "TABLAND_…" in a comment stands for any.
      expect(used.filter((variable) => variable !== 'TABLAND_' && !known.has(variable))).toEqual([])
    },
  )

  it('README.md has the table of options as it is generated', () => {
    expect(read('README.md')).toContain(`<!-- options -->\n\n${optionsTable()}\n\n<!-- /options -->`)
  })
})
