// Named objects: encoded, decoded and verified a second, beside @ipld/dag-cbor and protobuf alone on the same records.
import { cpus } from 'node:os'
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'
import * as dagCbor from '@ipld/dag-cbor'
import { type Bytes, utf8 } from '#core/bytes.ts'
import { createDelegationVerifier } from '#core/delegation.ts'
import { sha256 } from '#core/hash.ts'
import { machineOf } from '#core/machine.ts'
import { createEd25519Verifier } from '#core/signatures.ts'
import { impliedIdentity } from '#objects/implied-identity.ts'
import { createKeyVerifier, signedBytes } from '#objects/key-verifier.ts'
import { decodeObject, encodeObject, type NamedObject } from '#objects/object.ts'
import { chunkIdOf } from '#objects/object-id.ts'
import { toObjectTime } from '#objects/object-time.ts'
import { createContent, createDesc, readContent } from '#objects/object-type.ts'
import { deviceSigner, signObject } from '#objects/sign-object.ts'
import { fileType } from '#objects/types/file.ts'
import { createObjectVerifier } from '#objects/verify-object.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'

const ROUNDS = 5
const RECORDS = 500
/** A picture of 1 MiB has four chunks of [KG2], a film of 100 MiB four hundred. */
const CHUNKS = [4, 400]

/** What an object says, as plain values for the rivals. */
interface Plain {
  readonly type: number
  readonly owner: Uint8Array
  readonly created: bigint
  readonly length: bigint
  readonly hash: Uint8Array
  readonly updated: bigint
  readonly objectId: Uint8Array
  readonly chunks: readonly Uint8Array[]
  readonly name: string
  readonly mime: string
  readonly root: Uint8Array
  readonly signatures: readonly { readonly delegation: Uint8Array; signedAt: bigint; signature: Uint8Array }[]
}

interface Row {
  readonly name: string
  /** records a second */
  readonly rate: number
}

export async function run(): Promise<void> {
  console.log(`Node.js ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores`)
  const all: { chunks: number; rows: readonly Row[] }[] = []
  for (const chunks of CHUNKS) {
    const objects = await signFiles(chunks)
    const rows = [...measureCodecs(objects), ...(await measureVerify(objects))]
    console.log(
      `\nFile objects of ${chunks} chunks, ${encodeObject(objects[0]!).length} bytes, two signatures`,
    )
    for (const { name, rate } of rows)
      console.log(`${name.padEnd(40)} ${rate.toFixed(0).padStart(9)} records/s`)
    printRatios(rows)
    all.push({ chunks, rows })
  }
  console.log(JSON.stringify({ bench: 'objects', all }))
}

async function signFiles(chunks: number): Promise<readonly NamedObject[]> {
  const identity = await fakeIdentity(1)
  const { peopleId } = impliedIdentity(identity.delegation)
  const now = toObjectTime(TEST_NOW)
  const hashes = Array.from({ length: chunks }, (_, i) => sha256(utf8(`chunk ${i}`)))
  return Promise.all(
    Array.from({ length: RECORDS }, (_, i) => {
      const content = { length: BigInt(chunks) << 18n, hash: sha256(utf8(`file ${i}`)) }
      const body = {
        chunkList: { kind: 'list' as const, chunks: hashes.map((hash) => chunkIdOf(1 << 18, hash)) },
        root: sha256(utf8(`root ${i}`)),
        name: `picture ${i}.png`,
        mime: 'image/png',
      }
      const object: NamedObject = {
        desc: createDesc(fileType, content, { owner: peopleId, created: now }),
        body: { updated: now, content: createContent(fileType, 'body', body) },
        descSigns: [],
        bodySigns: [],
      }
      return signObject(object, deviceSigner(identity), { signedAt: now })
    }),
  )
}

function toPlain({ desc, body, descSigns, bodySigns }: NamedObject): Plain {
  const { length, hash } = readContent(fileType, 'desc', desc.content)
  const { chunkList, root, name, mime } = readContent(fileType, 'body', body!.content)
  return {
    type: desc.type,
    owner: desc.owner!,
    created: desc.created!,
    length,
    hash,
    updated: body!.updated,
    objectId: body!.objectId!,
    chunks: chunkList.chunks,
    name: name!,
    mime: mime!,
    root: root!,
    signatures: [...descSigns, ...bodySigns].map(({ source, signedAt, signature }) => ({
      delegation: source.kind === 'delegated' ? source.delegation : new Uint8Array(),
      signedAt,
      signature,
    })),
  }
}

function measureCodecs(objects: readonly NamedObject[]): readonly Row[] {
  const plain = objects.map(toPlain)
  const schema = protobufSchema()
  const messages = plain.map((record) => create(schema, record as never))
  const ours = objects.map(encodeObject)
  const cbor = plain.map((record) => dagCbor.encode(record))
  const proto = messages.map((message) => toBinary(schema, message))
  const values = objects.map(({ desc, body }) => ({
    desc: readContent(fileType, 'desc', desc.content),
    body: readContent(fileType, 'body', body!.content),
  }))
  return measureTogether([
    ['encode: named object', (i) => encodeWhole(objects[i]!, values[i]!)],
    ['encode: @ipld/dag-cbor', (i) => dagCbor.encode(plain[i])],
    ['encode: protobuf', (i) => toBinary(schema, messages[i]!)],
    // a known type's contents are read, and compared with their one encoding, when the object is
    ['decode: named object', (i) => decodeObject(ours[i]!)],
    ['decode: @ipld/dag-cbor', (i) => dagCbor.decode(cbor[i]!)],
    ['decode: protobuf', (i) => fromBinary(schema, proto[i]!)],
  ])
}

/** From values, as the rivals encode: the contents too. */
function encodeWhole(
  object: NamedObject,
  values: { readonly desc: never; readonly body: never } | object,
): Bytes {
  const { desc, body } = values as { desc: Parameters<typeof createDesc<never>>[1]; body: never }
  return encodeObject({
    ...object,
    desc: createDesc(fileType as never, desc, object.desc),
    body: { ...object.body!, content: createContent(fileType as never, 'body', body) },
  })
}

/** The same fields as a message of the library itself, by a descriptor as its compiler makes them. */
function protobufSchema() {
  const field = (name: string, number: number, type: Type, label = Label.OPTIONAL, typeName = '') => ({
    name,
    number,
    type,
    label,
    ...(typeName === '' ? {} : { typeName }),
  })
  const file = create(FileDescriptorProtoSchema, {
    name: 'bench.proto',
    syntax: 'proto3',
    messageType: [
      {
        name: 'Signature',
        field: [
          field('delegation', 1, Type.BYTES),
          field('signedAt', 2, Type.UINT64),
          field('signature', 3, Type.BYTES),
        ],
      },
      {
        name: 'Record',
        field: [
          field('type', 1, Type.UINT32),
          field('owner', 2, Type.BYTES),
          field('created', 3, Type.UINT64),
          field('length', 4, Type.UINT64),
          field('hash', 5, Type.BYTES),
          field('updated', 6, Type.UINT64),
          field('objectId', 7, Type.BYTES),
          field('chunks', 8, Type.BYTES, Label.REPEATED),
          field('name', 9, Type.STRING),
          field('mime', 10, Type.STRING),
          field('root', 11, Type.BYTES),
          field('signatures', 12, Type.MESSAGE, Label.REPEATED, '.Signature'),
        ],
      },
    ],
  })
  return createFileRegistry(file, () => undefined).getMessage('Record')!
}

async function measureVerify(objects: readonly NamedObject[]): Promise<readonly Row[]> {
  const verifier = createObjectVerifier({
    keys: createKeyVerifier(),
    delegations: createDelegationVerifier(),
    machine: machineOf('test'),
    now: () => TEST_NOW,
  })
  const bare = createEd25519Verifier()
  const encoded = objects.map(encodeObject)
  const key = (await fakeIdentity(1)).device.publicKey
  const messages = objects.map(({ bodySigns }) => signedBytes(sha256(bodySigns[0]!.signature), 0n))
  const rates = { ours: [] as number[], bare: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    rates.ours.push(
      await rateOf(async (i) => {
        const { level } = await verifier.verify(decodeObject(encoded[i]!))
        if (level !== 'owner') throw new Error(`expected the owner's word, got ${level}`)
      }),
    )
    rates.bare.push(
      await rateOf(async (i) => {
        for (const { signature } of [...objects[i]!.descSigns, ...objects[i]!.bodySigns]) {
          await bare.verify(key, signature, messages[i]!)
        }
      }),
    )
  }
  return [
    { name: 'decode and verify: named object', rate: median(rates.ours) },
    { name: 'verify: two Ed25519 signatures alone', rate: median(rates.bare) },
  ]
}

async function rateOf(task: (index: number) => Promise<void>): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < RECORDS; i++) await task(i)
  return (RECORDS / (performance.now() - start)) * 1_000
}

/** Rounds of all tasks in turn, so that a slow moment of the machine hits each of them. */
function measureTogether(tasks: readonly (readonly [string, (index: number) => unknown])[]): readonly Row[] {
  const rates = tasks.map((): number[] => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, [, task]] of tasks.entries()) {
      const start = performance.now()
      for (let i = 0; i < RECORDS; i++) task(i)
      // the first round warms up
      if (round > 0) rates[at]!.push((RECORDS / (performance.now() - start)) * 1_000)
    }
  }
  return tasks.map(([name], at) => ({ name, rate: median(rates[at]!) }))
}

function printRatios(rows: readonly Row[]): void {
  const rate = (name: string) => rows.find((row) => row.name === name)!.rate
  for (const step of ['encode', 'decode']) {
    for (const rival of ['@ipld/dag-cbor', 'protobuf']) {
      const ratio = rate(`${step}: named object`) / rate(`${step}: ${rival}`)
      console.log(`${step}: named objects are ${ratio.toFixed(2)} times as fast as ${rival}`)
    }
  }
  const ratio = rate('decode and verify: named object') / rate('verify: two Ed25519 signatures alone')
  console.log(`verify: ${ratio.toFixed(2)} times as fast as its signatures alone`)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

if (import.meta.main) await run()
