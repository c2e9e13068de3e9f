import { createTsKernel } from '#graph/rank-reference.ts'
import { describeContextKernel } from '../../contract/context-kernel-contract.ts'
import { describeRankKernel } from '../../contract/rank-kernel-contract.ts'

describeRankKernel('TypeScript', async () => createTsKernel(), { goldenUpTo: 16 })
describeContextKernel('TypeScript', async () => createTsKernel())
