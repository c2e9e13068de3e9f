import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { OfferFacts } from '#api/access-types.ts'
import { formatCybr, parseAmount } from '#core/money.ts'
import { portalTexts } from '../portal-texts.ts'
import { Button } from './button.tsx'

/** Terms as `Access` takes them. */
export interface Terms {
  readonly priceWei: bigint
  readonly durationSeconds: number
}

const DAY_MS = 86_400_000
/** A hundred years: who wants more says for ever. */
const MAX_DAYS = 36_500

/** Terms as they are typed, a price in CYBR and days; undefined for what is none. */
export function readTerms(price: string, days: string): Terms | undefined {
  const count = Number(days.trim())
  if (days.trim() === '' || !Number.isInteger(count) || count < 0 || count > MAX_DAYS) return undefined
  const durationSeconds = (count * DAY_MS) / 1_000
  if (/^0+(\.0*)?$/.test(price.trim())) return { priceWei: 0n, durationSeconds }
  try {
    return { priceWei: parseAmount(price), durationSeconds }
  } catch {
    return undefined // told beside the form
  }
}

export interface PriceFormProps {
  readonly offer: OfferFacts
  readonly action: string
  readonly onSet: (terms: Terms) => void
}

/** Asks a thing's owner for what it costs, and for how long one payment lasts. */
export function PriceForm({ offer, action, onSet }: PriceFormProps): JSX.Element {
  const [price, setPrice] = useState(formatCybr(offer.priceWei, 18).replaceAll(',', ''))
  const [days, setDays] = useState(String(offer.durationMs / DAY_MS))
  const [isWrong, setWrong] = useState(false)
  const fields = [
    { label: portalTexts.price, mode: 'decimal', value: price, set: setPrice },
    { label: portalTexts.days, mode: 'numeric', value: days, set: setDays },
  ] as const
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        const terms = readTerms(price, days)
        setWrong(terms === undefined)
        if (terms !== undefined) onSet(terms)
      }}
    >
      {fields.map(({ label, mode, value, set }) => (
        <label key={label} class="stack">
          <span>{label}</span>
          <input
            type="text"
            class="field"
            inputMode={mode}
            value={value}
            onInput={(event) => set(event.currentTarget.value)}
          />
        </label>
      ))}
      {isWrong ? <p class="notice">{portalTexts.priceWrong}</p> : null}
      <Button type="submit">{action}</Button>
    </form>
  )
}
