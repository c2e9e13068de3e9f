import { expect, it } from 'vitest'
import { formatCoverage, parseLcov, percentOf, sumLines } from '../../../scripts/lib/coverage.ts'

const REPORT = `TN:
SF:src/Names.sol
FN:10,Names.commit
FNDA:3,Names.commit
FNF:2
FNH:1
DA:11,3
DA:12,0
LF:8
LH:6
BRF:0
BRH:0
end_of_record
TN:
SF:src/Land.sol
FNF:5
FNH:5
LF:32
LH:32
end_of_record
`

it('reads of each file how many lines and functions were reached', () => {
  const files = parseLcov(REPORT)
  expect(files).toEqual([
    { path: 'src/Names.sol', lines: { hit: 6, all: 8 }, functions: { hit: 1, all: 2 } },
    { path: 'src/Land.sol', lines: { hit: 32, all: 32 }, functions: { hit: 5, all: 5 } },
  ])
  expect(percentOf(sumLines(files))).toBe(95)
  expect(parseLcov('')).toEqual([])
  expect(percentOf({ hit: 0, all: 0 })).toBe(100)
})

it('prints the least covered first, and the sum', () => {
  const table = formatCoverage(parseLcov(REPORT).toReversed())
  expect(table.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
    'lines functions',
    'src/Names.sol 75.0 % 6/8 50.0 % 1/2',
    'src/Land.sol 100.0 % 32/32 100.0 % 5/5',
    'all 95.0 % 38/40 85.7 % 6/7',
  ])
})
