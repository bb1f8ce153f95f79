/**
 * STUN servers tell a page the public address its packets come from, so that two phones behind NATs find a direct path.
 * Relays serve as such (`adapters/network`); these are asked beside them. The owner's list, kept on this device, goes before a
 * practice network's.
 */
const key = 'gig-gossip:stun';

/** Every one of them is asked at each new connection, and more make it slower. */
const mostServers = 2;

/** `stun:host`, `stun:host:port` or `stuns:...`, as browsers take them; a list that they would not take stops every dial. */
export function areStunServers(servers: readonly string[]): boolean {
  return servers.length <= mostServers && servers.every(isStunServer);
}

function isStunServer(text: string): boolean {
  const found = /^stuns?:(?:[a-z\d][a-z\d.-]{0,252}|\[[a-f\d:]{2,39}\])(?::(\d{1,5}))?$/i.exec(
    text,
  );
  return found !== null && Number(found[1] ?? '1') >= 1 && Number(found[1] ?? '1') <= 65_535;
}

/** The owner's list; null if there is none, or none that is whole. */
export function recallStunServers(storage: Storage): readonly string[] | null {
  const kept = storage.getItem(key);
  const servers = kept === null ? [] : kept.split('\n');
  return servers.length > 0 && areStunServers(servers) ? servers : null;
}

/** An empty list leaves the choice to the practice network, if we are on one. */
export function rememberStunServers(storage: Storage, servers: readonly string[]): void {
  if (servers.length === 0) storage.removeItem(key);
  else storage.setItem(key, servers.join('\n'));
}
