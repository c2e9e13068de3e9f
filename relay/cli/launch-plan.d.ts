export interface LaunchSituation {
  /** as process.versions.node */
  readonly version: string
  /** where the `node` package may have put its binary */
  readonly binaries: readonly string[]
  exists(path: string): boolean
  /** the command's name, when there is one */
  readonly command: string | undefined
  /** what this Node.js was started with: its own flags and NODE_OPTIONS */
  readonly nodeOptions: readonly string[]
  /** can another program take this process over (`process.execve`)? */
  readonly canReplace: boolean
}

export type LaunchPlan =
  | { readonly kind: 'here' }
  | { readonly kind: 'replace'; readonly flags: readonly string[] }
  | { readonly kind: 'spawn'; readonly path: string; readonly flags: readonly string[] }
  | { readonly kind: 'refuse'; readonly sentence: string }

export function runsTypeScript(version: string): boolean
export function planLaunch(situation: LaunchSituation): LaunchPlan
