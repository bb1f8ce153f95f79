/** Amounts in a currency beside the sats, at a rate that the owner types: nobody is asked for one. */
export interface Rate {
  /** ISO 4217, three letters. */
  readonly currency: string;
  /** Units of the currency for one bitcoin. */
  readonly perBitcoin: number;
}

const key = 'gig-gossip:fiat';
const msatPerBitcoin = 100_000_000_000;

export const fiat: { rate: Rate | null } = $state({ rate: null });

/** Null for what is no rate. */
export function rateFrom(currency: string, perBitcoin: string): Rate | null {
  const code = currency.trim().toUpperCase();
  const value = Number(perBitcoin.replaceAll(/[\s,']/g, ''));
  return /^[A-Z]{3}$/.test(code) && value > 0 && value < 1e12
    ? { currency: code, perBitcoin: value }
    : null;
}

export function recallRate(storage: Storage): void {
  const [currency = '', perBitcoin = ''] = (storage.getItem(key) ?? '').split(' ');
  fiat.rate = rateFrom(currency, perBitcoin);
}

export function setRate(storage: Storage, rate: Rate | null): void {
  fiat.rate = rate;
  if (rate === null) storage.removeItem(key);
  else storage.setItem(key, `${rate.currency} ${rate.perBitcoin}`);
}

/** "7.44 EUR" for an amount, in the language of the screens. */
export function fiatOf(msat: bigint, { currency, perBitcoin }: Rate, locale: string): string {
  const value = (Number(msat) / msatPerBitcoin) * perBitcoin;
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(value);
  } catch {
    return `${value.toFixed(2)} ${currency}`;
  }
}
