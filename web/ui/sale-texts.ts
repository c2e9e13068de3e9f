/** Texts of restricted content that is seen for a payment, which come with it. */
export const saleTexts = {
  sold: 'Its owner opens it for whoever pays. You pay once; then a browser of theirs, or a relay that has the key, gives it to you.',
  unlockFor: (terms: string) => `Unlock for ${terms}`,
  paying: 'Waiting for your payment to come into a block',
  payingSlow: 'The chain is slow. Once your payment is in a block you get the key.',
  paid: (until: string) =>
    `You have paid for it ${until}. Its key comes from a browser of its owner, as soon as one is online, or from a relay that has it.`,
  free: 'It is free: its key comes from a browser of its owner, as soon as one is online, or from a relay that has it.',
  open: 'Ask for the key again',
  title: 'Sell the sight of it',
  how: 'A model token of it can carry a price: whoever pays gets the key from this browser while it is online, or from a relay that you give it to below.',
  mint: 'Mint its token',
  token: (model: number, isForSale: boolean) =>
    isForSale
      ? `Model No. ${model.toLocaleString('en')} sells it at this price.`
      : `Model No. ${model.toLocaleString('en')} stands for it. Set a price first, then begin to sell: at 0 everybody gets the key free.`,
  setPrice: 'Set the price',
  begin: 'Begin to sell',
  end: 'Sell no more',
  handedOn: (model: number) =>
    `You handed model No. ${model.toLocaleString('en')} on: its holder sets the price and is paid, and this browser still gives the key.`,
} as const
