/** Asks a practice network's mint for a funded play-money wallet. */

/** The wallet's address (nostr+walletconnect://…), or null if the mint did not give one in time. */
export async function mintPlayWallet(mint: string, signal: AbortSignal): Promise<string | null> {
  try {
    const answer = await fetch(`${mint.replace(/\/$/, '')}/wallets`, {
      method: 'POST',
      signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
    });
    if (!answer.ok) return null;
    const body: unknown = await answer.json();
    const uri = typeof body === 'object' && body !== null && 'uri' in body ? body.uri : null;
    return typeof uri === 'string' ? uri : null;
  } catch {
    return null;
  }
}
