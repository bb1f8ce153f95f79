/**
 * What a person chose for this device and no node knows: the Bitcoin network, the most that is locked for one job, what is told and
 * when carrying rests. Kept by the page; what no longer reads is as if it was never chosen.
 */
import type { NodeView } from '../types.ts';

type Network = NodeView['network'];
/** What can be chosen; a practice network is joined by its link. */
export type ChosenNetwork = 'mainnet' | 'testnet';

const networkKey = 'gig-gossip:network';
const capKey = 'gig-gossip:cap-sats';
const tellKey = 'gig-gossip:tells';
/** Also the event that tells of a change. */
export const restKey = 'gig-gossip:rests';
const pausedKey = 'gig-gossip:carry-paused';

/** Sats that a newcomer locks for one job at most; they can raise it. */
const firstCapSats = 50_000n;
const mostCapSats = 10_000_000n;

export function chosenNetwork(storage: Storage): ChosenNetwork {
  return storage.getItem(networkKey) === 'testnet' ? 'testnet' : 'mainnet';
}

/** The node must start anew for it. */
export function chooseNetwork(storage: Storage, network: ChosenNetwork): void {
  storage.setItem(networkKey, network);
}

/** Each network has a memory of its own: heights, jobs and money of one mean nothing on another. */
export function databaseOf(network: Network): string {
  return network === 'testnet' ? 'gig-gossip-testnet' : 'gig-gossip';
}

/** Most that is locked for one job, msat; null where money is only play. */
export function capMsat(storage: Storage, network: Network): bigint | null {
  if (network !== 'mainnet') return null;
  const text = storage.getItem(capKey) ?? '';
  const sats = /^\d{1,9}$/.test(text) ? BigInt(text) : firstCapSats;
  return (sats < mostCapSats ? sats : mostCapSats) * 1_000n;
}

/** False for what cannot be: it stays as it was. */
export function setCap(storage: Storage, msat: bigint): boolean {
  const sats = msat / 1_000n;
  if (sats < 1n || sats > mostCapSats) return false;
  storage.setItem(capKey, sats.toString());
  return true;
}

/** Notices outside the app: only once they were asked for. */
export function tells(storage: Storage): boolean {
  return storage.getItem(tellKey) === 'yes';
}

export function setTells(storage: Storage, yes: boolean): void {
  storage.setItem(tellKey, yes ? 'yes' : 'no');
}

export interface Rests {
  readonly onBattery: boolean;
  readonly onMetered: boolean;
}

export function rests(storage: Storage): Rests {
  const chosen = (storage.getItem(restKey) ?? '').split(' ');
  return { onBattery: chosen.includes('battery'), onMetered: chosen.includes('metered') };
}

/** The page is told, so that it takes effect at once. */
export function setRests(page: Window, { onBattery, onMetered }: Rests): void {
  const chosen = [...(onBattery ? ['battery'] : []), ...(onMetered ? ['metered'] : [])];
  page.localStorage.setItem(restKey, chosen.join(' '));
  page.dispatchEvent(new Event(restKey));
}

/** Carrying rests now because of these rules, not because its owner said so for good. */
export function isPaused(storage: Storage): boolean {
  return storage.getItem(pausedKey) === 'yes';
}

export function setPaused(storage: Storage, yes: boolean): void {
  if (yes) storage.setItem(pausedKey, 'yes');
  else storage.removeItem(pausedKey);
}

export interface PowerAndData {
  readonly onBattery: boolean;
  readonly onMetered: boolean;
}

/** Whether to stop or take up carrying; null to leave it. Who turned carrying off by hand is not overruled. */
export function restNow(
  is: { readonly carry: boolean; readonly paused: boolean },
  chosen: Rests,
  now: PowerAndData,
): 'rest' | 'carry' | null {
  const should = (chosen.onBattery && now.onBattery) || (chosen.onMetered && now.onMetered);
  if (should) return is.carry ? 'rest' : null;
  return is.paused && !is.carry ? 'carry' : null;
}
