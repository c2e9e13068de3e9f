// Writes anvil.json beside this file: blocks and proofs as anvil gives them. `node test/vectors/chain/record.ts ANVIL`
// with the path of the binary of @foundry-rs/anvil 1.7.1. The contract's code stores a word: SSTORE(calldata[0..32], calldata[32..64]).
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const GRID = '0x00000000000000000000000000000000000000a7'
const FUNDED = '0x00000000000000000000000000000000000000b8'
const ABSENT = '0x00000000000000000000000000000000000000c9'
const STORE_CODE = '0x6020356000355500'
const SLOTS: readonly (readonly [bigint, bigint])[] = [
  [1n, 0xf39fd6e51aad88f6f4ce6ab8827279cffb92266600n],
  [2n, 0x7fn],
  [3n, 0x80n],
  [4n, 2n ** 256n - 1n],
  [70_000n, 0x1234n],
  ...Array.from({ length: 50 }, (_, i) => [BigInt(10 + i), BigInt(10 + i) ** 2n * 123_456_789n] as const),
]
const ASKED = ['1', '2', '3', '4', '70000', '5', '65536', '33']

const [binary] = process.argv.slice(2)
const home = mkdtempSync(join(tmpdir(), 'anvil-'))
const cases = [await record('cancun', 18_545), await record('prague', 18_546)]
rmSync(home, { recursive: true, force: true })
const source = 'anvil 1.7.1, by test/vectors/chain/record.ts'
writeFileSync(new URL('anvil.json', import.meta.url), `${JSON.stringify({ source, cases }, null, 1)}\n`)

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`
}

async function record(fork: string, port: number): Promise<object> {
  const flags = ['--port', String(port), '--hardfork', fork, '--timestamp', '1750000000', '--silent']
  const child = spawn(binary!, flags, { env: { ...process.env, HOME: home }, stdio: 'inherit' })
  const rpc = async (method: string, ...params: readonly unknown[]): Promise<any> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body })
    return ((await response.json()) as { result: unknown }).result
  }
  while ((await rpc('eth_chainId').catch(() => undefined)) === undefined) await new Promise(setImmediate)
  const [from] = await rpc('eth_accounts')
  await rpc('anvil_setCode', GRID, STORE_CODE)
  for (const [slot, value] of SLOTS) {
    await rpc('eth_sendTransaction', { from, to: GRID, data: word(slot) + word(value).slice(2), gas: '0x20000' })
  }
  await rpc('eth_sendTransaction', { from, to: FUNDED, value: '0x5' })
  const number = await rpc('eth_blockNumber')
  const blocks = [await rpc('eth_getBlockByNumber', '0x0', false), await rpc('eth_getBlockByNumber', number, false)]
  const proofs = []
  for (const [address, slots] of [[GRID, ASKED], [from, []], [FUNDED, ['0']], [ABSENT, ['0']]]) {
    const keys = slots.map((slot: string) => word(BigInt(slot)))
    proofs.push({ address, slots, answer: await rpc('eth_getProof', address, keys, number) })
  }
  child.kill()
  const storage = Object.fromEntries(SLOTS.map(([slot, value]) => [String(slot), word(value)]))
  return { fork, grid: GRID, blocks: blocks.map((block) => ({ ...block, transactions: [] })), proofs, storage }
}
