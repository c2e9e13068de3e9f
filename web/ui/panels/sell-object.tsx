import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { OpenedObject } from '#api/object-types.ts'
import type { Failure } from '#api/types.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import { Button } from '../components/button.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Section } from '../components/panel.tsx'
import { PriceForm } from '../components/price-form.tsx'
import { useSale } from '../components/use-sale.ts'
import { saleTexts } from '../sale-texts.ts'
import { useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'

/** What its owner does to sell the sight of what is restricted: a token, a price, and that the price opens it. */
export function SellObject({ object }: { readonly object: OpenedObject }): JSX.Element | null {
  const session = useSession()
  const me = session.state.wallet.value?.address
  const author = object.trust.level === 'owner' ? object.trust.people : undefined
  const isMine = author !== undefined && author === me
  const sale = useSale(object.id, isMine ? author : undefined)
  const [failure, setFailure] = useState<Failure>()
  const { chain } = session.state.purse.value
  if (!isMine || chain === undefined || object.root === undefined) return null
  const write = async (intent: WriteIntent): Promise<void> => {
    setFailure(undefined)
    setFailure(await startWrite(session, intent))
  }
  return (
    <Section title={saleTexts.title}>
      {sale === undefined ? (
        <>
          <p class="caption">{saleTexts.how}</p>
          <Button
            onClick={() =>
              void write({ kind: 'mint-model', root: object.root as string, object: object.id, royalty: 0 })
            }
          >
            {saleTexts.mint}
          </Button>
        </>
      ) : sale.mine ? (
        <>
          <p class="caption">{saleTexts.token(sale.model, sale.isForSale)}</p>
          <PriceForm
            key={`${sale.offer.priceWei} ${sale.offer.durationMs}`}
            offer={sale.offer}
            action={saleTexts.setPrice}
            onSet={(terms) => void write({ kind: 'set-offer', thing: 'model', id: sale.model, ...terms })}
          />
          <Button
            onClick={() => void write({ kind: 'sell-model', model: sale.model, isForSale: !sale.isForSale })}
          >
            {sale.isForSale ? saleTexts.end : saleTexts.begin}
          </Button>
        </>
      ) : (
        <p class="caption">{saleTexts.handedOn(sale.model)}</p>
      )}
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
    </Section>
  )
}
