import type { Signal } from '@preact/signals'
import type { PlanetFacts, PlanetModel, PortalFacts } from '#api/access-types.ts'
import type { ModelFacts } from '#api/chain-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import { AppError } from '#core/errors.ts'
import type { Cell } from '#core/land.ts'
import { failureOf, isAbort } from './failure.ts'
import { payAccess, unpaid } from './pay-access.ts'
import type { Session } from './session.ts'

export type PortalErrorCode =
  /** it leads to no planet, or not any more */
  'PORTAL_NOWHERE'

/** How far somebody is on the way through a portal. */
export type PlanetVisit = { readonly cell: Cell } & (
  | { readonly kind: 'opening' | 'paying' }
  | { readonly kind: 'on'; readonly planet: PlanetFacts; readonly models: readonly PlanetModel[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
)

/** What entering takes of the page. */
export type EnteringSession = Pick<Session, 'tabland' | 'world' | 'closeCard'>

/** A header that was asked for before the payment came into its block does not show it yet. */
const BEHIND_MS = 1_000
/** A minute: endpoints behind one address lag behind one another by some blocks. */
const MAX_LOOKS = 60

/**
 * Through the portal on a cell: at once where one is let in, else after one payment, which the page asks about. Who says
 * no stays where they are.
 *
 * @param visit where one is, written here; who leaves meanwhile is brought nowhere
 */
export async function enterPlanet(
  { tabland, world, closeCard }: EnteringSession,
  cell: Cell,
  visit: Signal<PlanetVisit | undefined>,
  pause: (ms: number) => Promise<unknown> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Promise<void> {
  const before = visit.peek()
  if (before !== undefined && before.kind !== 'failed') return
  let now: PlanetVisit = { cell, kind: 'opening' }
  visit.value = now
  const isHere = (): boolean => visit.peek() === now
  const show = (next: PlanetVisit): void => {
    if (isHere()) visit.value = now = next
  }
  try {
    const { land, wallet } = await tabland
    const portal = await land.portal(cell.x, cell.y)
    if (!isHere()) return
    const wanted = requirePlanet(portal)
    if (wanted.offer.entry === 'unpaid') show({ cell, kind: 'paying' })
    const planet = wanted.offer.entry === 'unpaid' ? await pay(wanted, cell, { land, wallet }, pause) : wanted
    const models = standingOn(await wallet.models([planet.id]))
    if (!isHere()) return
    show({ cell, kind: 'on', planet, models })
    const view = world.view.peek()
    if (view === undefined) return
    // the plot's card would lie over what one came for
    closeCard()
    view.visit({ id: planet.id, models })
  } catch (error) {
    if (!isHere()) return
    if (isAbort(error)) visit.value = undefined
    else show({ cell, kind: 'failed', failure: failureOf(error) })
  }
}

/** Those of a parcel's models that stand on its planet. */
function standingOn(models: readonly ModelFacts[]): readonly PlanetModel[] {
  return models.flatMap(({ id, root, object, isRestricted, place }) => {
    if (place?.on !== 'planet' || root === undefined) return []
    const sealed = isRestricted && object !== undefined ? { object } : {}
    return [{ id, root, ...sealed, placement: place.placement }]
  })
}

/** One Permit transaction; resolves once a proof shows that it lets in. */
async function pay(
  { id, offer }: PlanetFacts,
  cell: Cell,
  { land, wallet }: Pick<Tabland, 'land' | 'wallet'>,
  pause: (ms: number) => Promise<unknown>,
): Promise<PlanetFacts> {
  const terms = { amountWei: offer.priceWei, durationSeconds: offer.durationMs / 1_000 }
  await payAccess(wallet, { thing: 'planet', id, ...terms })
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const planet = requirePlanet(await land.portal(cell.x, cell.y))
    if (planet.offer.entry !== 'unpaid') return planet
    await pause(BEHIND_MS)
  }
  throw unpaid('The payment is in a block, and the chain does not show it yet. Enter again.')
}

function requirePlanet(portal: PortalFacts | undefined): PlanetFacts {
  const planet = portal?.leadsTo
  if (planet !== undefined) return planet
  throw new AppError<PortalErrorCode>('PORTAL_NOWHERE', 'This portal leads to no planet, or not any more.')
}
