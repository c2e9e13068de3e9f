import { describe, expect, it } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { startWrite } from '#ui/start-write.ts'

const busy = Object.assign(new Error('Answer that first.'), { name: 'AppError', code: 'WALLET_BUSY' })

function failing(error: Error) {
  const wallet = { write: () => Promise.reject(error) }
  return { tabland: Promise.resolve({ wallet } as unknown as Tabland) }
}

describe('[CH16] a write that a panel starts', () => {
  it('tells what kept it from being asked, and nothing of one that was left', async () => {
    const intent = { kind: 'collect-refund' } as const
    expect(await startWrite(failing(busy), intent)).toEqual({
      code: 'WALLET_BUSY',
      message: 'Answer that first.',
    })
    const left = new DOMException('Nothing was signed.', 'AbortError')
    expect(await startWrite(failing(left), intent)).toBeUndefined()
  })
})
