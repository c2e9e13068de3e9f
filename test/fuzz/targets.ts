import type { FuzzTarget } from './fuzz.ts'
import { accountProofTarget, headerTarget, snapshotTarget } from './targets/chain.ts'
import { cyfsLinkTarget } from './targets/cyfs-link.ts'
import { dirFilesTarget } from './targets/dir-files.ts'
import { answerTarget, genesisTarget, graphBlockTarget } from './targets/graph-block.ts'
import { mapNodeTarget } from './targets/map-node.ts'
import { mapProofTarget, rankProofTarget, shortTreeTarget } from './targets/merkle.ts'
import {
  descTarget,
  idBytesTarget,
  idTextTarget,
  jsonContentTarget,
  objectJsonTarget,
  objectTarget,
  protobufContentTarget,
  rawContentTarget,
} from './targets/object.ts'
import {
  depositAnswerTarget,
  keyAnswerTarget,
  keyDepositTarget,
  keyRequestTarget,
} from './targets/object-key.ts'
import { pathProofTarget } from './targets/path-proof.ts'
import { pathProofJsonTarget } from './targets/path-proof-json.ts'
import { linkBatchTarget, placementTarget } from './targets/records.ts'
import { sealedFolderTarget } from './targets/sealed-folder.ts'

/** Every decoder that is fuzzed. Seeds are made when a target is asked for. */
export const FUZZ_TARGETS: readonly (() => FuzzTarget | Promise<FuzzTarget>)[] = [
  objectTarget,
  descTarget,
  rawContentTarget,
  protobufContentTarget,
  jsonContentTarget,
  objectJsonTarget,
  idTextTarget,
  idBytesTarget,
  mapNodeTarget,
  pathProofTarget,
  pathProofJsonTarget,
  cyfsLinkTarget,
  dirFilesTarget,
  sealedFolderTarget,
  linkBatchTarget,
  placementTarget,
  graphBlockTarget,
  answerTarget,
  genesisTarget,
  keyRequestTarget,
  keyAnswerTarget,
  keyDepositTarget,
  depositAnswerTarget,
  shortTreeTarget,
  mapProofTarget,
  rankProofTarget,
  snapshotTarget,
  accountProofTarget,
  headerTarget,
]
