import { utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { parseMapTree, parsePathProof, pathProofToJson } from '#objects/map/map-json.ts'
import { createMap } from '#objects/map/object-map.ts'
import { provePath } from '#objects/map/path-proof.ts'
import { formatObjectId } from '#objects/object-id.ts'
import { createCountingStore, idOf } from '#test/web/objects/map/map-fixtures.ts'
import type { FuzzTarget } from '../fuzz.ts'

/** Proofs and trees as JSON: what is taken as a proof is written as the same proof. */
export async function pathProofJsonTarget(): Promise<FuzzTarget> {
  const nodes = createCountingStore().nodes()
  const root = await createMap(nodes, { type: 'map' }, [{ key: 'a', value: idOf('a') }])
  const seeds = [JSON.stringify({ a: formatObjectId(idOf(1)), dir: { set: [formatObjectId(idOf(2))] } })]
  for (const path of ['/a', '/b', '/']) {
    seeds.push(JSON.stringify(pathProofToJson({ root, path, ...(await provePath(nodes, root, path)) })))
  }
  const decoder = new TextDecoder()
  return {
    name: 'path-proof-json',
    seeds: seeds.map(utf8),
    maxInputBytes: 4_096,
    codes: ['OBJECT_INVALID', 'NO_JSON'],
    run(input) {
      const json = parseJson(decoder.decode(input))
      if (typeof json !== 'object' || json === null || !('nodes' in json)) {
        for (const { path } of parseMapTree(json))
          if (!path.startsWith('/')) throw new Error(`${path} is no path`)
        return
      }
      const statement = parsePathProof(json)
      const text = JSON.stringify(pathProofToJson(statement))
      if (JSON.stringify(pathProofToJson(parsePathProof(JSON.parse(text)))) !== text)
        throw new Error('the proof is another one')
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('NO_JSON', 'not JSON', { cause })
  }
}
