import type { JSX } from 'preact'
import { districtAt, RESTRICTED_CATEGORIES } from '#core/districts.ts'
import type { Cell } from '#core/land.ts'
import { Button } from '../components/button.tsx'
import { governanceTexts } from '../governance-texts.ts'
import { useSession } from '../session.ts'

const { hidden: words, districts } = governanceTexts

/** Which district a plot is in, where it is restricted, and how to see what stands there. */
export function ParcelDistrict({ cell }: { readonly cell: Cell }): JSX.Element | null {
  const session = useSession()
  const state = session.state.districts.value
  const district = districtAt(state.districts, cell)
  if (district === undefined || district.category === 'general') return null
  const category = RESTRICTED_CATEGORIES.find((each) => each === district.category)
  const isShown = category !== undefined && state.shown.includes(category)
  const show = async (): Promise<void> => {
    if (category !== undefined) (await session.tabland).governance.showDistricts(category, true)
  }
  return (
    <div class="stack">
      <p class={isShown ? 'caption' : 'notice'}>
        {words.in(district.name, district.category)}
        {isShown ? '' : ` ${words.hides}`}
      </p>
      {isShown || category === undefined ? null : (
        <Button kind="quiet" onClick={() => void show()}>
          {districts.show[category]}
        </Button>
      )}
    </div>
  )
}
