import { describe, expect, it } from 'vitest'
import { DEFAULT_SEED_SETTINGS, type SeedSettingsChange } from '#core/seeding.ts'
import { parseChanges, type SettingsContext, settingsInForce } from '#seed/seed-settings.ts'

const GB = 1e9
const context = (changes: SeedSettingsChange = {}, grantedBytes?: number): SettingsContext => ({
  changes,
  grantedBytes,
})

/** What is in force after a change. */
function set(change: unknown, before: SettingsContext): SettingsContext {
  return { ...before, changes: { ...before.changes, ...parseChanges(change, before) } }
}

function refusal(change: unknown, { changes = {}, grantedBytes }: Partial<SettingsContext> = {}): string {
  try {
    parseChanges(change, { changes, grantedBytes })
  } catch (error) {
    expect(error).toMatchObject({ code: 'SEED_SETTING' })
    return (error as Error).message
  }
  throw new Error(`${JSON.stringify(change)} was accepted`)
}

describe('[SE4] the settings in force', () => {
  it('are the defaults, the quota within a fifth of the grant, the room for others within a quarter of the quota', () => {
    expect(settingsInForce(context())).toEqual(DEFAULT_SEED_SETTINGS)
    expect(settingsInForce(context({}, 1 * GB))).toEqual({
      ...DEFAULT_SEED_SETTINGS,
      quotaBytes: 0.2 * GB,
      keepForOthersBytes: 0.05 * GB,
    })
    expect(settingsInForce(context({}, 1_000 * GB))).toEqual(DEFAULT_SEED_SETTINGS)
  })

  it('follow the grant when it falls, and come back with it', () => {
    const changes = { quotaBytes: 5 * GB, keepForOthersBytes: 4 * GB }
    expect(settingsInForce(context(changes, 10 * GB))).toMatchObject(changes)
    expect(settingsInForce(context(changes, 2 * GB))).toMatchObject({
      quotaBytes: 1.6 * GB,
      keepForOthersBytes: 1.6 * GB,
    })
  })

  it.each([
    ['nothing was set', context({}, 3 * GB)],
    ['no grant is told', context()],
    [
      'the grant fell below what was set',
      context({ quotaBytes: 9 * GB, keepForOthersBytes: 8 * GB }, 3 * GB),
    ],
    ['caps were lifted', context({ hiddenUploadCap: undefined }, 3 * GB)],
    [
      'all was set',
      context({ ...DEFAULT_SEED_SETTINGS, quotaBytes: GB, friends: [`0x${'a'.repeat(40)}`] }, 3 * GB),
    ],
  ])('given back as they are, change nothing: %s', (_, before) => {
    const inForce = settingsInForce(before)
    expect(parseChanges(inForce, before)).toEqual({})
    expect(set({ ...inForce, wantedCopies: 5 }, before).changes).toEqual({
      ...before.changes,
      wantedCopies: 5,
    })
    expect(settingsInForce(set(structuredClone(inForce), before))).toEqual(inForce)
  })

  it('bound the room for others by the quota that is set with it', () => {
    const before = context({}, 10 * GB)
    const after = set({ keepForOthersBytes: 6 * GB, quotaBytes: 7 * GB }, before)
    expect(settingsInForce(after)).toMatchObject({ keepForOthersBytes: 6 * GB, quotaBytes: 7 * GB })
    expect(settingsInForce(set({ quotaBytes: 2 * GB }, after)).keepForOthersBytes).toBe(2 * GB)
  })
})

describe('a setting that cannot be is refused, in a person’s units, with what can', () => {
  it.each<readonly [unknown, number | undefined, string]>([
    [
      { quotaBytes: 40 * GB },
      10 * GB,
      'The quota cannot be 40 GB: give 1.05 MB to 8 GB (80 % of the 10 GB that your browser grants). Nothing was changed.',
    ],
    [{ quotaBytes: 1 }, undefined, 'The quota cannot be 1 B: give 1.05 MB to 281 TB. Nothing was changed.'],
    [
      { quotaBytes: '10 GB' },
      undefined,
      'The quota cannot be "10 GB": give 1.05 MB to 281 TB. Nothing was changed.',
    ],
    [
      { keepForOthersBytes: 3 * GB },
      10 * GB,
      'The room for others cannot be 3 GB: give 0 B to 2 GB: it is a part of the quota. Nothing was changed.',
    ],
    [
      { uploadCap: 100 },
      undefined,
      'The upload cap cannot be 100 B/s: give 16.4 kB/s to 1.09 TB/s, or undefined for no cap. Nothing was changed.',
    ],
    [
      { downloadCap: Number.NaN },
      undefined,
      'The download cap cannot be NaN: give 16.4 kB/s to 1.09 TB/s, or undefined for no cap. Nothing was changed.',
    ],
    [
      { wantedCopies: 2.5 },
      undefined,
      'The number of copies cannot be 2.5: give a whole number from 0 to 32. Nothing was changed.',
    ],
    [
      { wantedCopies: undefined },
      undefined,
      'The number of copies cannot be undefined: give a whole number from 0 to 32. Nothing was changed.',
    ],
    [
      { friends: ['0x1'] },
      undefined,
      'The list of friends cannot be "0x1": give wallet addresses: 0x and 40 hexadecimal digits. Nothing was changed.',
    ],
    [
      { friends: 'me' },
      undefined,
      'The list of friends cannot be "me": give a list of at most 1024 wallet addresses. Nothing was changed.',
    ],
    [
      { quota: 1 },
      undefined,
      'A setting cannot be "quota": there are quotaBytes, uploadCap, hiddenUploadCap, downloadCap, wantedCopies, keepForOthersBytes, friends. Nothing was changed.',
    ],
    [
      null,
      undefined,
      'The settings cannot be null: give an object such as { quotaBytes: 1e9 }. Nothing was changed.',
    ],
  ])('%j', (change, grantedBytes, message) => {
    expect(refusal(change, { grantedBytes })).toBe(message)
  })
})
