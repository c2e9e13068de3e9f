import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Address, type Hex, isAddress, isHex } from 'viem'
import { AppError } from '#core/errors.ts'
import type { ContractAddresses } from './plan.ts'

export type AddressesFileErrorCode = 'ADDRESSES_FILE'

/** What `addresses.<chainId>.json` holds: where the contracts stand, and what is needed to go on after a break. */
export interface Deployment {
  readonly chainId: number
  readonly deployer: Address
  /** of the deployer's account before the first transaction */
  readonly firstNonce: number
  /** hash of the plan that was begun */
  readonly plan: Hex
  readonly contracts: ContractAddresses
}

/** Reads such a file. @returns undefined when there is none. @throws ADDRESSES_FILE when it is none of ours */
export async function readDeployment(path: string): Promise<Deployment | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : parseDeployment(text, path)
}

/** Replaces the file whole: a process that ends in between leaves the former one. */
export async function writeDeployment(path: string, deployment: Deployment): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(deployment, undefined, 2)}\n`)
  await rename(`${path}.new`, path)
}

function parseDeployment(text: string, path: string): Deployment {
  const value = parseJson(text)
  const { chainId, deployer, firstNonce, plan, contracts } = value
  const isWhole =
    isCount(chainId) &&
    isCount(firstNonce) &&
    isAddressText(deployer) &&
    isHex(plan) &&
    typeof contracts === 'object' &&
    contracts !== null &&
    Object.values(contracts).every(isAddressText)
  if (!isWhole) {
    throw new AppError<AddressesFileErrorCode>(
      'ADDRESSES_FILE',
      `${path} is no list of addresses. Remove it to deploy anew, or name another with --out.`,
    )
  }
  return { chainId, deployer, firstNonce, plan, contracts: contracts as ContractAddresses }
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isAddressText(value: unknown): value is Address {
  return typeof value === 'string' && isAddress(value)
}
