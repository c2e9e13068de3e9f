import type { ObjectId } from '#objects/object-id.ts'
import { MAX_MAP_FILE_BYTES } from '../../limits.ts'
import { type CommandContext, chooseAction, parseCommandArgs, usageError } from '../command.ts'
import { readInputJson } from '../read-input.ts'

const NAME = 'object'

export const MAP_USAGE = `tabland object map build FILE.json
tabland object map get|prove FILE.json PATH
tabland object map diff OLD.json NEW.json
tabland object map verify PROOF.json [--root ID]

FILE.json is a tree of object maps: {"key":"id","folder":{"key":"id"},"set":["id","id"]}. build prints the id of its
root, get the id at a PATH such as /folder/key. prove prints the path's proof as JSON: root, path, value (null for
nothing) and the nodes in hex. verify checks such a proof, and that it is about the root --root, and prints what it
shows. diff prints one line of JSON for each key of the root map that differs: key, previous and next.`

/** `tabland object map …`: object maps of files, without a network. */
export async function runMapCommand(args: readonly string[], { stdout }: CommandContext): Promise<void> {
  const [action = '', ...rest] = args
  const command = chooseAction(`${NAME} map`, action, ACTIONS)
  const { values, positionals } = parseCommandArgs(NAME, rest, { root: { type: 'string' } })
  if (positionals.length !== command.parameters || (values.root !== undefined && action !== 'verify'))
    throw usageError(NAME, `\`object map ${action}\` expects ${command.expects}`)
  for await (const line of command.run(positionals, values.root)) stdout.write(`${line}\n`)
}

interface Action {
  readonly parameters: number
  readonly expects: string
  run(parameters: readonly string[], root: string | undefined): AsyncIterable<string>
}

const ACTIONS: Readonly<Record<string, Action>> = {
  build: { parameters: 1, expects: 'FILE.json', run: build },
  get: { parameters: 2, expects: 'FILE.json PATH', run: get },
  prove: { parameters: 2, expects: 'FILE.json PATH', run: prove },
  diff: { parameters: 2, expects: 'OLD.json NEW.json', run: diff },
  verify: { parameters: 1, expects: 'PROOF.json', run: verify },
}

async function* build([file = '']: readonly string[]): AsyncGenerator<string> {
  const { formatObjectId } = await import('#objects/object-id.ts')
  const { load } = await createTrees()
  yield formatObjectId(await load(file))
}

async function* get([file = '', path = '']: readonly string[]): AsyncGenerator<string> {
  const { formatObjectId } = await import('#objects/object-id.ts')
  const { valueNotFound } = await import('#objects/map/map-errors.ts')
  const { provePath } = await import('#objects/map/path-proof.ts')
  const { nodes, load } = await createTrees()
  const { value } = await provePath(nodes, await load(file), path)
  if (value === undefined) throw valueNotFound(path)
  yield formatObjectId(value)
}

async function* prove([file = '', path = '']: readonly string[]): AsyncGenerator<string> {
  const { pathProofToJson } = await import('#objects/map/map-json.ts')
  const { provePath } = await import('#objects/map/path-proof.ts')
  const { nodes, load } = await createTrees()
  const root = await load(file)
  yield JSON.stringify(pathProofToJson({ root, path, ...(await provePath(nodes, root, path)) }))
}

async function* diff(files: readonly string[]): AsyncGenerator<string> {
  const { formatObjectId } = await import('#objects/object-id.ts')
  const { mapChanges } = await import('#objects/map/map-diff.ts')
  const { nodes, load } = await createTrees()
  const [previous, next] = [await load(files[0] ?? ''), await load(files[1] ?? '')]
  const text = (id: ObjectId | undefined) => (id === undefined ? undefined : formatObjectId(id))
  for await (const change of mapChanges(nodes, previous, next)) {
    yield JSON.stringify({ key: change.key, previous: text(change.previous), next: text(change.next) })
  }
}

async function* verify([file = '']: readonly string[], root: string | undefined): AsyncGenerator<string> {
  const { formatObjectId, parseObjectId } = await import('#objects/object-id.ts')
  const { parsePathProof } = await import('#objects/map/map-json.ts')
  const { verifyPath } = await import('#objects/map/path-proof.ts')
  const statement = parsePathProof(await readInputJson(file, MAX_MAP_FILE_BYTES))
  const { path, value, proof } = statement
  const trusted = root === undefined ? statement.root : parseObjectId(root, 'root')
  verifyPath(trusted, path, value, proof)
  yield JSON.stringify({
    root: formatObjectId(trusted),
    path,
    value: value === undefined ? null : formatObjectId(value),
  })
}

/** Trees in memory. `load` makes the one that a file describes and returns its root. */
async function createTrees() {
  const { createMapNodes } = await import('#objects/map/map-store.ts')
  const { createMemoryMapStore } = await import('#objects/map/memory-map-store.ts')
  const { buildMapTree } = await import('#objects/map/map-tree.ts')
  const nodes = createMapNodes(createMemoryMapStore())
  const load = async (file: string): Promise<ObjectId> =>
    buildMapTree(nodes, await readInputJson(file, MAX_MAP_FILE_BYTES))
  return { nodes, load }
}
