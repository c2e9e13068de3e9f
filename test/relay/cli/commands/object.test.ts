import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCli } from '../run-cli.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/objects/cyfs-object-ids.json', import.meta.url), 'utf8'),
) as { desc: readonly { hash_input_hex: string; object_id: string }[] }

describe('tabland object id', () => {
  it('--desc-hex prints the base58 id alone', async () => {
    const [vector] = vectors.desc
    expect(await runCli('object', 'id', '--desc-hex', vector!.hash_input_hex)).toEqual({
      code: 0,
      stdout: `${vector!.object_id}\n`,
      stderr: '',
    })
  })

  it('says where a desc is not valid', async () => {
    const { code, stdout, stderr } = await runCli('object', 'id', '--desc-hex', '00024000')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'The object is not valid: desc.publicKey.kind at offset 4: expected 1 bytes, got 0 bytes. It was not used.\n',
    )
  })

  it.each([[[]], [['id']], [['moon']], [['id', '--desc-hex']]])(
    'answers %j with exit code 2',
    async (args) => {
      const { code, stdout, stderr } = await runCli('object', ...args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^[^\n]+\.\n$/)
    },
  )
})
