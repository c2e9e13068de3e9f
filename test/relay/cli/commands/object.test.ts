import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../run-cli.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/objects/cyfs-object-ids.json', import.meta.url), 'utf8'),
) as {
  desc: readonly { hash_input_hex: string; object_id: string }[]
  whole_object: { object_hex: string; object_id: string }
  same_id_other_body: { object_hex: readonly string[] }
}
const whole = vectors.whole_object

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-object-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('tabland object id', () => {
  it('--desc-hex prints the base58 id alone', async () => {
    const [vector] = vectors.desc
    expect(await runCli('object', 'id', '--desc-hex', vector!.hash_input_hex)).toEqual({
      code: 0,
      stdout: `${vector!.object_id}\n`,
      stderr: '',
    })
  })

  it('--hex prints the id of a whole object', async () => {
    const { code, stdout } = await runCli('object', 'id', '--hex', whole.object_hex)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${whole.object_id}\n` })
  })

  it('says where a desc is not valid', async () => {
    const { code, stdout, stderr } = await runCli('object', 'id', '--desc-hex', '00024000')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'The object is not valid: desc.publicKey.kind at offset 4: expected 1 bytes, got 0 bytes. It was not used.\n',
    )
  })

  it.each([[[]], [['id']], [['moon']], [['id', '--desc-hex']], [['decode']], [['encode']], [['verify']]])(
    'answers %j with exit code 2',
    async (args) => {
      const { code, stdout, stderr } = await runCli('object', ...args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^[^\n]+\.\n$/)
    },
  )
})

describe('tabland object decode and encode', () => {
  it('are inverse', async () => {
    const decoded = await runCli('object', 'decode', '--hex', whole.object_hex)
    expect(decoded).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(decoded.stdout)).toMatchObject({ id: whole.object_id, type: 'People' })
    const file = join(folder, 'people.json')
    await writeFile(file, decoded.stdout)
    expect(await runCli('object', 'encode', file)).toEqual({
      code: 0,
      stdout: `${whole.object_hex}\n`,
      stderr: '',
    })
  })

  it.each([
    ['a file that is not there', undefined],
    ['no JSON', 'moon'],
    ['JSON of something else', '{"a":1}'],
  ])('answer %s with one sentence and exit code 1', async (_, content) => {
    const file = join(folder, 'bad.json')
    if (content !== undefined) await writeFile(file, content)
    const { code, stdout, stderr } = await runCli('object', 'encode', content === undefined ? folder : file)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]+\.\n$/)
  })
})

describe('tabland object verify', () => {
  it('[OB10] says whose word an object is', async () => {
    const object = vectors.same_id_other_body.object_hex[1]!
    const { code, stdout } = await runCli('object', 'verify', '--hex', object)
    expect({ code, trust: JSON.parse(stdout) }).toEqual({ code: 0, trust: { level: 'owner' } })
  })

  it('[OB10] takes what `object sign` signed with a profile', async () => {
    const profile = join(folder, 'profile')
    const desc = { type: 41, content: { format: 'protobuf', value: { id: 'a', header: 'b' } } }
    const file = join(folder, 'text.json')
    await writeFile(file, JSON.stringify({ desc }))
    const { stdout: hex } = await runCli('object', 'encode', file)
    const signed = await runCli(
      'object',
      'sign',
      '--hex',
      hex.trim(),
      '--profile',
      profile,
      '--network',
      'local',
    )
    expect(signed).toMatchObject({ code: 0, stderr: '' })
    const decoded = JSON.parse((await runCli('object', 'decode', '--hex', signed.stdout.trim())).stdout)
    expect(decoded.descSigns).toMatchObject([
      { algorithm: 'ed25519', source: { delegation: expect.any(String) } },
    ])
    const local = ['object', 'verify', '--hex', signed.stdout.trim(), '--network']
    expect(JSON.parse((await runCli(...local, 'local')).stdout)).toMatchObject({ level: 'untrusted' })
    expect((await runCli(...local, 'main')).stderr).toContain('given for another network')
  })

  it('refuses another object than the one that was asked for', async () => {
    const other = vectors.desc[0]!.object_id
    const { code, stderr } = await runCli('object', 'verify', '--hex', whole.object_hex, '--id', other)
    expect(code).toBe(1)
    expect(stderr).toContain(`The object ${other} was refused: what came has the id ${whole.object_id}.`)
  })
})
