import { readFile } from 'node:fs/promises'
import type { Address, Hex } from 'viem'
import { AppError } from '#core/errors.ts'
import { type CommandContext, chooseAction, parseCommandArgs, usageError } from '../command.ts'

export type ChainCommandErrorCode = 'CHAIN_KEY_FILE' | 'CHAIN_RPC'

export const name = 'chain'
export const summary = 'deploy the contracts of land and money'
export const usage = `tabland chain deploy --rpc URL --key FILE --founders ADDRESS [options]

  --rpc URL          the chain's JSON-RPC, http:// or https://
  --key FILE         file of the deployer's private key, 64 hexadecimal digits; its account pays and is used for
                     nothing else meanwhile
  --founders ADDRESS receives the founders' share as its lock opens
  --giveaway ROOT    Merkle root of the first giveaway of parcels
  --parameters NAME  main, local or test: web/core/chain-parameters.ts has them (main)
  --out FILE         where the addresses go (addresses.CHAINID.json)

Sends one transaction for each contract. It may be stopped at any moment and run again: it goes on where it stopped,
and does nothing when all is done. Prints the addresses as JSON.`

const OPTIONS = {
  rpc: { type: 'string' },
  key: { type: 'string' },
  founders: { type: 'string' },
  giveaway: { type: 'string' },
  parameters: { type: 'string', default: 'main' },
  out: { type: 'string' },
} as const

/** @throws COMMAND_USAGE, CHAIN_KEY_FILE, CHAIN_RPC and the errors of `deploy` */
export async function run(args: readonly string[], context: CommandContext): Promise<void> {
  const [action, ...rest] = args
  await chooseAction(name, action, { deploy })(rest, context)
}

async function deploy(args: readonly string[], { stdout, stderr, signal }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandArgs(name, args, OPTIONS)
  const [surplus] = positionals
  if (surplus !== undefined) throw usageError(name, `Unexpected argument "${surplus.slice(0, 80)}"`)
  const rpc = parseRpc(values.rpc)
  const founders = parseHex(values.founders, '--founders', 20)
  const giveaway = values.giveaway === undefined ? undefined : parseHex(values.giveaway, '--giveaway', 32)
  const parameters = await chooseParameters(values.parameters)
  const key = await readKey(values.key)
  const { createClient, http } = await import('viem')
  const { getChainId } = await import('viem/actions')
  const { privateKeyToAccount } = await import('viem/accounts')
  const { deploy } = await import('#contracts/deploy/deploy.ts')
  const client = createClient({ transport: http(rpc, { retryCount: 0 }) })
  const chainId = await getChainId(client).catch((cause: unknown) => {
    throw new AppError<ChainCommandErrorCode>('CHAIN_RPC', `No chain answers at ${rpc}. Is it running?`, {
      cause,
    })
  })
  const { contracts } = await deploy({
    client,
    account: privateKeyToAccount(key),
    file: values.out ?? `addresses.${chainId}.json`,
    parameters,
    founders,
    signal,
    ...(giveaway === undefined ? {} : { giveaway }),
    onDeployed: ({ name: contract, address }) => stderr.write(`${contract} stands at ${address}\n`),
  })
  stdout.write(`${JSON.stringify(contracts)}\n`)
}

function parseRpc(text: string | undefined): string {
  if (text === undefined) {
    throw usageError(
      name,
      'Give the chain by --rpc URL, the file of the key that deploys by --key FILE, and who gets the share of the founders by --founders ADDRESS',
    )
  }
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(name, `--rpc takes an http:// or https:// URL, got ${text}`)
  }
  return text
}

function parseHex(text: string | undefined, option: string, bytes: number): Hex & Address {
  if (text === undefined || !/^0x[0-9a-f]+$/i.test(text) || text.length !== 2 + 2 * bytes) {
    throw usageError(name, `${option} takes 0x and ${2 * bytes} hexadecimal digits, got ${text ?? 'nothing'}`)
  }
  return text.toLowerCase() as Hex
}

async function chooseParameters(typed: string) {
  const { LOCAL_CHAIN_PARAMETERS, MAIN_CHAIN_PARAMETERS, TEST_CHAIN_PARAMETERS } = await import(
    '#core/chain-parameters.ts'
  )
  const named = { main: MAIN_CHAIN_PARAMETERS, local: LOCAL_CHAIN_PARAMETERS, test: TEST_CHAIN_PARAMETERS }
  if (!Object.hasOwn(named, typed)) {
    throw usageError(name, `--parameters takes main, local or test, got "${typed.slice(0, 80)}"`)
  }
  return named[typed as keyof typeof named]
}

/** The key comes from a file, since command lines are seen by every process. */
async function readKey(path: string | undefined): Promise<Hex> {
  if (path === undefined) throw usageError(name, '--key takes the file of a private key, got nothing')
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw keyFileError(`cannot be read`, path, cause)
  })
  const [, digits] = /^\s*(?:0x)?([0-9a-f]{64})\s*$/i.exec(text) ?? []
  if (digits === undefined) throw keyFileError('holds no private key', path)
  return `0x${digits}`
}

function keyFileError(problem: string, path: string, cause?: unknown): AppError<ChainCommandErrorCode> {
  const message = `The key file ${path} ${problem}: expected 64 hexadecimal digits, which a wallet exports.`
  return new AppError<ChainCommandErrorCode>('CHAIN_KEY_FILE', message, { cause })
}
