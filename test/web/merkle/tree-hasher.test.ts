import { createTsHasher } from '#merkle/tree-hasher.ts'
import { describeTreeHasher } from '#test/contract/tree-hasher-contract.ts'

describeTreeHasher('TypeScript', async () => createTsHasher())
