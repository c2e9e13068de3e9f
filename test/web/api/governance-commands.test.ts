import { describe, expect, it } from 'vitest'
import { governanceCommands } from '#api/governance-commands.ts'
import { parseWrite } from '#api/parse-write.ts'

const SOMEBODY = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'

/** Commands whose writes are parsed, as every write is, and go no further. */
function commands() {
  const asked: unknown[] = []
  const write = async (intent: unknown) => {
    asked.push(parseWrite(intent))
  }
  const init = { commands: { write }, showDistricts: () => {}, address: async () => SOMEBODY }
  return { asked, governance: governanceCommands(init as never) }
}

describe('votes typed into the console', () => {
  it.each([
    ['carry({})', 'WRITE_INVALID', ({ carry }) => carry({} as never)],
    ['carry()', 'WRITE_INVALID', ({ carry }) => carry(undefined as never)],
    ["vote('x', 'for')", 'WRITE_INVALID', ({ vote }) => vote('x', 'for')],
    [
      "propose({ kind: 'zork' }, '')",
      'WRITE_INVALID',
      ({ propose }) => propose({ kind: 'zork' } as never, ''),
    ],
    ["delegate('zork')", 'WRITE_INVALID', ({ delegate }) => delegate('zork' as never)],
    ["delegate('token', 5)", 'ADDRESS_INVALID', ({ delegate }) => delegate('token', 5 as never)],
  ] as const satisfies readonly [
    string,
    string,
    (api: ReturnType<typeof governanceCommands>) => Promise<unknown>,
  ][])('%s is refused by its promise: %s', async (_, code, call) => {
    const { asked, governance } = commands()
    await expect(call(governance)).rejects.toThrow(expect.objectContaining({ code }))
    expect(asked).toEqual([])
  })

  it('delegate to oneself when nobody is named', async () => {
    const { asked, governance } = commands()
    await governance.delegate('token')
    expect(asked).toEqual([{ kind: 'delegate-votes', votes: 'token', delegatee: SOMEBODY }])
  })
})
