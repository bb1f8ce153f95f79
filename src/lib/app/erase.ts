/** Erases what this origin keeps on the device: the node's database, caches of screens, and what the app remembers. */
export async function eraseEverything(page: Window): Promise<void> {
  page.localStorage.clear();
  page.sessionStorage.clear();
  for (const { name } of await page.indexedDB.databases()) {
    // A database still open in the node's worker is deleted when the reload closes it.
    if (name !== undefined) page.indexedDB.deleteDatabase(name);
  }
  page.location.replace(page.location.pathname);
}
