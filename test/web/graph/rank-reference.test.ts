import { createTsKernel } from '#graph/rank-reference.ts'
import { describeRankKernel } from '../../contract/rank-kernel-contract.ts'

describeRankKernel('TypeScript', async () => createTsKernel())
