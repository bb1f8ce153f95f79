/** When this device was last backed up, so that it can remind its owner; and a file handed to whoever asked for it. */
const key = 'gig-gossip:backed-up';

/** ms; 0 for never. */
export function backedUpAt(storage: Storage): number {
  return Number(storage.getItem(key) ?? 0) || 0;
}

export function rememberBackup(storage: Storage, atMs: number): void {
  storage.setItem(key, String(atMs));
}

export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
