import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { AppError } from '#core/errors.ts'

export type ContractsErrorCode = 'CONTRACTS_BUILD'

/** One entry of an ABI, as the compiler writes it. */
export type AbiEntry = Readonly<Record<string, unknown>>

export interface CompiledContract {
  /** as in the source: `ServiceChannel` */
  readonly name: string
  /** from contracts-abi/: `src/ServiceChannel.sol` */
  readonly source: string
  readonly abi: readonly AbiEntry[]
  /** creation code without constructor arguments, `0x…` */
  readonly bytecode: `0x${string}`
  /** bytes that stand on the chain, at most 24,576 (EIP-170) */
  readonly deployedBytes: number
}

interface SolcOutput {
  readonly errors?: readonly SolcProblem[]
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, SolcContract>>>>
}

interface SolcProblem {
  readonly severity: 'error' | 'warning' | 'info'
  readonly formattedMessage: string
  readonly sourceLocation?: { readonly file: string }
}

interface SolcContract {
  readonly abi: readonly AbiEntry[]
  readonly evm: {
    readonly bytecode: { readonly object: string }
    readonly deployedBytecode: { readonly object: string }
  }
}

const FOLDER = new URL('./', import.meta.url)
const MODULES = new URL('../node_modules/', import.meta.url)
/** EIP-170 */
const MAX_DEPLOYED_BYTES = 24_576

/**
 * Without the metadata's hash a comment changes no bytecode. Each contract is written once and called often, so that
 * runs of 1,000 stand for its life; the largest one still fits.
 */
const SETTINGS = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 1_000 },
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
} as const

/** Every Solidity source under contracts-abi/src, as paths from contracts-abi/, sorted. */
export function contractSources(): string[] {
  return readdirSync(new URL('src/', FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sol'))
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .sort()
}

/**
 * Compiles all contracts in one run of `solc`, about ten seconds. What cannot be deployed (interfaces, libraries,
 * abstract contracts) is left out.
 *
 * @throws CONTRACTS_BUILD with what the compiler said: a warning counts too
 */
export async function compileContracts(): Promise<CompiledContract[]> {
  const { default: solc } = await import('solc')
  const sources = contractSources()
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(sources.map((path) => [path, { content: readSource(path) }])),
    settings: SETTINGS,
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImport })) as SolcOutput
  const problems = output.errors?.filter(isOurs).map(({ formattedMessage }) => formattedMessage) ?? []
  if (problems.length > 0) throw new AppError<ContractsErrorCode>('CONTRACTS_BUILD', problems.join('\n'))
  return sources.flatMap((source) =>
    Object.entries(output.contracts?.[source] ?? {})
      .filter(([, { evm }]) => evm.bytecode.object !== '' && !isLibrary(evm.deployedBytecode.object))
      .map(([name, contract]) => describeContract(name, source, contract)),
  )
}

/** Warnings about what OpenZeppelin wrote are theirs to mend. */
function isOurs({ severity, sourceLocation }: SolcProblem): boolean {
  return severity === 'error' || sourceLocation?.file.startsWith('@') !== true
}

function describeContract(name: string, source: string, { abi, evm }: SolcContract): CompiledContract {
  const deployedBytes = evm.deployedBytecode.object.length / 2
  if (deployedBytes > MAX_DEPLOYED_BYTES) {
    throw new AppError<ContractsErrorCode>(
      'CONTRACTS_BUILD',
      `${name} takes ${deployedBytes} bytes on the chain, expected at most ${MAX_DEPLOYED_BYTES}: split it.`,
    )
  }
  return { name, source, abi, bytecode: `0x${evm.bytecode.object}`, deployedBytes }
}

/** A library's code begins by comparing its own address with that of the call: PUSH20 and twenty zeros. */
function isLibrary(code: string): boolean {
  return code.startsWith(`73${'00'.repeat(20)}30`)
}

function findImport(path: string): { contents: string } | { error: string } {
  const isKnown = existsSync(new URL(path, path.startsWith('@') ? MODULES : FOLDER))
  return isKnown ? { contents: readSource(path) } : { error: `There is no ${path}` }
}

function readSource(path: string): string {
  return readFileSync(new URL(path, path.startsWith('@') ? MODULES : FOLDER), 'utf8')
}
