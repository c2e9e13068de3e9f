import type { ParcelToken } from './access-types.ts'
import type { LandState, ModelPlacement } from './types.ts'

/** Tokens without those that stand for what is built on their plot, in its place: such a token is that build. */
export function besideBuilds(
  tokens: readonly ParcelToken[],
  builds: LandState['builds'],
): readonly ParcelToken[] {
  return tokens.filter(({ parcel, root, placement }) => {
    const build = builds.get(parcel)
    return build?.root !== root || !isSamePlace(build.placement, placement)
  })
}

function isSamePlace(a: ModelPlacement, b: ModelPlacement): boolean {
  return a.x === b.x && a.y === b.y && a.z === b.z && a.yawDegrees === b.yawDegrees && a.scale === b.scale
}
