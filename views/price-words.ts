interface Price {
  amount: number;
  currency: string;
}

/** What publishing costs on a network, in a sentence; null: nothing. */
export function priceWords(prices: { plain: Price; withLink: Price } | null): string | null {
  if (!prices) return null;
  const { plain, withLink } = prices;
  return `Publishing costs ${money(plain)} a post there, ${money(withLink)} with an address in it, charged to this server's app.`;
}

function money({ amount, currency }: Price): string {
  return `${amount.toFixed(3).replace(/0$/, '')} ${currency}`;
}
