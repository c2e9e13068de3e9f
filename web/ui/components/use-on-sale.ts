import { useEffect, useState } from 'preact/hooks'
import { onSale } from '../on-sale.ts'
import { useSession } from '../session.ts'

/** Serials of what is sold at auction; undefined until the land of a chain is known. */
export function useOnSale(): ReadonlySet<number> | undefined {
  const { tabland, state } = useSession()
  const { places } = state.land.value
  const [found, setFound] = useState<ReadonlySet<number>>()
  useEffect(() => {
    if (places === undefined) return
    let isGone = false
    tabland.then(
      ({ land }) => isGone || setFound(onSale(places, land.proven)),
      () => undefined, // without a peer no land is known
    )
    return () => {
      isGone = true
    }
  }, [tabland, places])
  return found
}
