import { fileURLToPath } from 'node:url'
import { ROOT, runNode } from './root.ts'

/** Who operates this relay and whose tabs meet there are the same people: it learns nothing that they do not know. */
const KEY_BYTES = '16MiB'

/**
 * `npm start`: the relay with the built page, the sample world, an orderer of its links, so that ranks are proven, a
 * place for keys that its tabs have it hand out, and a chain of its own, unless `--rpc` names one. With `--dev` the
 * page comes from vite instead, straight from its sources. Further arguments go to `tabland relay`; one with `--follow`
 * orders nothing, as it hands on the blocks of another.
 */
export async function start(args: readonly string[]): Promise<void> {
  const dev = args.includes('--dev')
  const relayArgs = args.filter((argument) => argument !== '--dev')
  process.chdir(ROOT)
  // Built in a process of its own, which gives its memory back.
  const code = dev ? await runNode('wasm/build.ts') : await runNode('scripts/build.ts', ['--if-stale'])
  if (code !== 0) process.exit(code)
  const server = dev ? await (await import('./dev-server.ts')).startDevServer(relayArgs) : undefined
  // The relay runs in this very process, so that signals and the exit code need no forwarding. It ends with one.
  const command = new URL('../../relay/cli/tabland.js', import.meta.url)
  process.argv = [
    process.execPath,
    fileURLToPath(command),
    'relay',
    '--sample',
    ...(relayArgs.some((argument) => argument.startsWith('--follow')) ? [] : ['--orderer']),
    '--drain-time',
    '0s',
    '--keys',
    KEY_BYTES,
    ...(namesChain(relayArgs) ? [] : ['--local-chain']),
    ...relayArgs,
  ]
  await import(command.href)
  await server?.close()
}

/** Do these arguments, or the environment, say which chain it is to be? */
function namesChain(relayArgs: readonly string[]): boolean {
  const isNamed = relayArgs.some((argument) => /^--(rpc|local-chain|no-local-chain)(=|$)/.test(argument))
  return isNamed || process.env.TABLAND_RPC !== undefined || process.env.TABLAND_LOCAL_CHAIN !== undefined
}
