import { setTimeout as pause } from 'node:timers/promises'
import type { Chain, Client, Hash, LocalAccount, Transport } from 'viem'
import {
  getChainId,
  getCode,
  getTransactionCount,
  sendTransaction,
  waitForTransactionReceipt,
} from 'viem/actions'
import { AppError } from '#core/errors.ts'
import { type Deployment, readDeployment, writeDeployment } from './addresses-file.ts'
import { type DeploymentPlan, type PlanInit, type PlannedContract, planDeployment } from './plan.ts'

export type DeployErrorCode = 'DEPLOY_CHANGED' | 'DEPLOY_ACCOUNT' | 'DEPLOY_REVERTED'

export interface DeployInit extends Pick<PlanInit, 'parameters' | 'founders' | 'giveaway'> {
  readonly client: Client<Transport, Chain | undefined>
  /** pays for it, and is used for nothing else meanwhile */
  readonly account: LocalAccount
  /** path of `addresses.<chainId>.json` */
  readonly file: string
  readonly signal: AbortSignal
  /** told of each contract once it stands */
  onDeployed?(contract: PlannedContract, hash: Hash): void
}

const PENDING_POLL_MS = 500

/**
 * Deploys what is not there yet, one transaction after the other, and resolves with all addresses. It can be ended at
 * any moment and run again: what is done follows from the deployer's nonce, which the file relates to the plan.
 *
 * @throws DEPLOY_CHANGED when the file belongs to another plan; DEPLOY_ACCOUNT when the account did something else, or
 * the chain is another; DEPLOY_REVERTED when a contract cannot be made
 */
export async function deploy(init: DeployInit): Promise<Deployment> {
  const { client, account, file, signal } = init
  signal.throwIfAborted()
  const chainId = await getChainId(client)
  const begun = await readDeployment(file)
  const nonce = await settledNonce(init)
  const firstNonce = begun?.firstNonce ?? nonce
  const plan = planDeployment({ ...init, deployer: account.address, firstNonce })
  const deployment = {
    chainId,
    deployer: account.address,
    firstNonce,
    plan: plan.hash,
    contracts: plan.addresses,
  }
  if (begun === undefined) await writeDeployment(file, deployment)
  else assertSame(begun, deployment, file)
  const done = nonce - firstNonce
  if (done < 0) throw accountError(init, `has sent ${nonce} transactions, expected ${firstNonce} at least`)
  await assertThere(init, plan.steps.slice(0, done))
  for (const [index, step] of plan.steps.entries()) {
    if (index >= done) await createContract(init, step, firstNonce + index)
  }
  return deployment
}

/** Does everything stand that the plan names? For whoever would not deploy it. */
export async function isDeployed(client: Client, { steps }: DeploymentPlan): Promise<boolean> {
  const codes = await Promise.all(steps.map(({ address }) => getCode(client, { address })))
  return codes.every((code) => code !== undefined)
}

/** The nonce once nothing of the account waits: a process that was ended may have left a transaction behind. */
async function settledNonce({ client, account: { address }, signal }: DeployInit): Promise<number> {
  for (;;) {
    const [mined, sent] = await Promise.all([
      getTransactionCount(client, { address, blockTag: 'latest' }),
      getTransactionCount(client, { address, blockTag: 'pending' }),
    ])
    if (sent <= mined) return mined
    await pause(PENDING_POLL_MS, undefined, { signal })
  }
}

function assertSame(begun: Deployment, now: Deployment, file: string): void {
  if (begun.plan === now.plan && begun.chainId === now.chainId && begun.deployer === now.deployer) return
  throw new AppError<DeployErrorCode>(
    'DEPLOY_CHANGED',
    `${file} was begun with other code, parameters, account or chain. Go on with those, or move it away to deploy anew.`,
  )
}

async function assertThere(init: DeployInit, steps: readonly PlannedContract[]): Promise<void> {
  for (const { name, address } of steps) {
    if ((await getCode(init.client, { address })) === undefined) {
      throw accountError(init, `has used the nonce of ${name}, and nothing stands at ${address}`)
    }
  }
}

async function createContract(init: DeployInit, step: PlannedContract, nonce: number): Promise<void> {
  const { client, account, signal, onDeployed } = init
  signal.throwIfAborted()
  const hash = await sendTransaction(client, {
    account,
    data: step.initCode,
    nonce,
    chain: client.chain ?? null,
  })
  const { status } = await waitForTransactionReceipt(client, { hash })
  if (status !== 'success') {
    throw new AppError<DeployErrorCode>(
      'DEPLOY_REVERTED',
      `The chain refused ${step.name} (transaction ${hash}): its constructor or its size is not what this chain allows.`,
    )
  }
  onDeployed?.(step, hash)
}

function accountError({ account, file }: DeployInit, problem: string): AppError<DeployErrorCode> {
  return new AppError<DeployErrorCode>(
    'DEPLOY_ACCOUNT',
    `The account ${account.address} ${problem}. Deploy with an account used for nothing else; ${file} tells where this began.`,
  )
}
