/**
 * May this device introduce its neighbours to each other? Its owner says so here; and not while the battery is low, the browser
 * was told to save data, or the connection is one that is paid by the byte.
 */
const key = 'gig-gossip:introduces';

/** Not every browser tells. */
export interface Connection {
  readonly saveData?: boolean;
  readonly type?: string;
}

export interface Device {
  /** Low on battery, as the work pool sees it. */
  readonly sparing: boolean;
  readonly connection: Connection | undefined;
}

/** Yes, unless its owner said no. */
export function recallIntroduces(storage: Storage): boolean {
  return storage.getItem(key) !== 'no';
}

export function rememberIntroduces(storage: Storage, yes: boolean): void {
  if (yes) storage.removeItem(key);
  else storage.setItem(key, 'no');
}

export function hasMeans(storage: Storage, { sparing, connection }: Device): boolean {
  const isMetered = connection?.saveData === true || connection?.type === 'cellular';
  return recallIntroduces(storage) && !sparing && !isMetered;
}
