/**
 * Amounts, heights and times as people read them. Amounts come in msat (bigint), times in ms since the epoch. Numbers and
 * units stay together with no-break spaces.
 */
import { t } from './i18n/index.ts';
import { fiat, fiatOf } from './settings/fiat.svelte.ts';
import type { NodeView, Property } from './types.ts';

type Network = NodeView['network'];

const nbsp = '\u00a0';
const msatPerSat = 1000n;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Ten minutes, what a block takes on average on a real network. */
const blockMs = 10 * minute;

/** Made when first used: formatters are slow to make, and the first screen needs none. */
function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

const whole = once(() => new Intl.NumberFormat(t.locale));
const oneDecimal = once(
  () => new Intl.NumberFormat(t.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
);
/** "." or "," */
const point = once(
  () =>
    oneDecimal()
      .formatToParts(0.5)
      .find(({ type }) => type === 'decimal')!.value,
);
const clock = once(
  () => new Intl.DateTimeFormat(t.locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
);
const weekday = once(() => new Intl.DateTimeFormat(t.locale, { weekday: 'short' }));
const date = once(() => new Intl.DateTimeFormat(t.locale, { day: 'numeric', month: 'short' }));

/** 12400000n -> "12,400"; what is below a sat shows as decimals. */
export function satNumber(msat: bigint): string {
  const size = msat < 0n ? -msat : msat;
  const rest = size % msatPerSat;
  const decimals =
    rest === 0n ? '' : `${point()}${rest.toString().padStart(3, '0').replace(/0+$/, '')}`;
  return `${msat < 0n ? '\u2212' : ''}${whole().format(size / msatPerSat)}${decimals}`;
}

/** 12400000n -> "12,400 sats", and what it is in the owner's currency: "12,400 sats (€7.44)". */
export function sats(msat: bigint): string {
  const amount = `${satNumber(msat)}${nbsp}${msat === msatPerSat ? t.unit.sat : t.unit.sats}`;
  return fiat.rate === null ? amount : `${amount} (${fiatOf(msat, fiat.rate, t.locale)})`;
}

export function number(value: number): string {
  return whole().format(value);
}

/** "14:30" today, "Tue 14:30" within a week, "3 Dec 14:30" beyond. */
export function moment(atMs: number, nowMs: number): string {
  const time = clock().format(atMs);
  if (new Date(atMs).toDateString() === new Date(nowMs).toDateString()) return time;
  const away = Math.abs(atMs - nowMs);
  return `${(away < 6 * day ? weekday : date)().format(atMs)}${nbsp}${time}`;
}

/** "14:30 – 16:30"; the day is said where it is not today. */
export function span(fromMs: number, toMs: number, nowMs: number): string {
  const sameDay = new Date(fromMs).toDateString() === new Date(toMs).toDateString();
  const to = sameDay ? clock().format(toMs) : moment(toMs, nowMs);
  return `${moment(fromMs, nowMs)}${nbsp}\u2013 ${to}`;
}

/** What a datetime-local field wants: local time, to the minute. */
export function localTime(atMs: number): string {
  const at = new Date(atMs - new Date(atMs).getTimezoneOffset() * minute);
  return at.toISOString().slice(0, 16);
}

/** A calendar day, for validity: "3 Dec". */
export function dayOf(atMs: number): string {
  return date().format(atMs);
}

/** "2 s", "3 min", "5 h", "2 d": one number is enough for waiting. */
export function duration(ms: number): string {
  if (ms < 90_000) return `${number(Math.max(1, Math.round(ms / 1000)))}${nbsp}${t.unit.seconds}`;
  if (ms < 90 * minute) return `${number(Math.round(ms / minute))}${nbsp}${t.unit.minutes}`;
  if (ms < 36 * hour) return `${number(Math.round(ms / hour))}${nbsp}${t.unit.hours}`;
  return `${number(Math.round(ms / day))}${nbsp}${t.unit.days}`;
}

export interface BlockTime {
  readonly height: number;
  /** What the wallet last reported, 0 when it has not. */
  readonly nowHeight: number;
  readonly nowMs: number;
  readonly network: Network;
}

/** "block 843,210, about 14:30"; on regtest, whose blocks come when somebody makes them, the block alone. */
export function blockTime({ height, nowHeight, nowMs, network }: BlockTime): string {
  const block = `${t.unit.block} ${whole().format(height)}`;
  if (network === 'regtest' || nowHeight === 0) return block;
  const atMs = nowMs + (height - nowHeight) * blockMs;
  const nearest = 10 * minute;
  return `${block}, ${t.unit.about(moment(Math.round(atMs / nearest) * nearest, nowMs))}`;
}

/** "2.4 km" or "150 m". */
export function distance(metres: number): string {
  if (metres < 950) return `${number(Math.round(metres / 10) * 10)}${nbsp}${t.unit.metres}`;
  const km = metres / 1000;
  return `${km < 20 ? oneDecimal().format(km) : number(Math.round(km))}${nbsp}${t.unit.km}`;
}

/** First and last characters of a key or id, enough to compare by eye. */
export function shortKey(hex: string): string {
  return hex.length <= 12 ? hex : `${hex.slice(0, 6)}\u2026${hex.slice(-4)}`;
}

/** What a settler checked of somebody, in words. */
export function propertyWords({ name, value }: Property): string {
  const known = t.job.attested[name] ?? name.replaceAll('_', ' ');
  return t.job.reason(known, t.job.attestedValues[value] ?? value);
}

/** UTF-8 length, what the node's limits count. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
