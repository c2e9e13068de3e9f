export interface LaunchSituation {
  /** as process.versions.node */
  readonly version: string
  /** where the `node` package may have put its binary */
  readonly binaries: readonly string[]
  exists(path: string): boolean
}

export type LaunchPlan =
  | { readonly kind: 'here' }
  | { readonly kind: 'spawn'; readonly path: string }
  | { readonly kind: 'refuse'; readonly sentence: string }

export function runsTypeScript(version: string): boolean
export function planLaunch(situation: LaunchSituation): LaunchPlan
