import type { Failure, ModelPlacement } from '#api/types.ts'
import { failureOf } from './failure.ts'
import type { Bounds } from './placement.ts'

/** What a model is made of, as its builder sees it before publishing. */
export interface ModelReport {
  readonly triangles: number
  /** of the file */
  readonly bytes: number
  /** metres at scale 1, y up */
  readonly bounds: Bounds
}

export interface CheckedModel {
  readonly report: ModelReport
  /** Why it does not fit its plot with this placement, if it does not. */
  misfit(placement: ModelPlacement): Failure | undefined
}

/** Reads and checks a .glb; rejects with a Failure's code and message when no plot takes it. */
export type InspectModel = (model: Uint8Array<ArrayBuffer>) => Promise<CheckedModel>

const loadChecks = () => import('#objects/glb.ts')

/** Fetches the code of the check ahead of need; a failure is told when a model is checked. */
export async function preloadInspection(): Promise<void> {
  await loadChecks().catch(() => undefined)
}

/** The check that publishing makes too; its code is fetched with the first model. */
export async function inspectModel(model: Uint8Array<ArrayBuffer>): Promise<CheckedModel> {
  const { checkModel, inspectGlb } = await loadChecks()
  const report = inspectGlb(model)
  return {
    report,
    misfit(placement) {
      try {
        checkModel(report, placement)
        return undefined
      } catch (error) {
        return failureOf(error)
      }
    },
  }
}
