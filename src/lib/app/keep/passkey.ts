/** A passkey that keeps a secret for us: WebAuthn's PRF gives 32 bytes for a salt, the same each time, to who the device knows. */

/** Null where the browser or the authenticator cannot, or its owner did not want it. */
export async function createPasskey(): Promise<{
  readonly id: string;
  readonly salt: string;
  readonly secret: Uint8Array;
} | null> {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  try {
    const made = (await navigator.credentials.create({
      publicKey: {
        rp: { name: 'Gig-Gossip' },
        user: { id: random(), name: 'Gig-Gossip', displayName: 'Gig-Gossip' },
        challenge: random(),
        pubKeyCredParams: [
          { type: 'public-key', alg: -7 },
          { type: 'public-key', alg: -257 },
        ],
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        extensions: { prf: { eval: { first: salt } } },
      },
    })) as PublicKeyCredential | null;
    if (made === null) return null;
    const [id, saltHex] = [hex(new Uint8Array(made.rawId)), hex(salt)];
    const secret = secretFrom(made) ?? (await passkeySecret({ id, salt: saltHex }));
    return secret === null ? null : { id, salt: saltHex, secret };
  } catch {
    return null;
  }
}

/** Asks the device, which asks its owner; null if either says no. */
export async function passkeySecret(passkey: {
  readonly id: string;
  readonly salt: string;
}): Promise<Uint8Array | null> {
  try {
    const got = (await navigator.credentials.get({
      publicKey: {
        challenge: random(),
        allowCredentials: [{ type: 'public-key', id: bytes(passkey.id) }],
        userVerification: 'required',
        extensions: { prf: { eval: { first: bytes(passkey.salt) } } },
      },
    })) as PublicKeyCredential | null;
    return got && secretFrom(got);
  } catch {
    return null;
  }
}

export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential !== 'undefined';
}

function secretFrom(credential: PublicKeyCredential): Uint8Array | null {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return null;
  const buffer = first instanceof ArrayBuffer ? first : first.buffer.slice(0);
  return buffer.byteLength === 32 ? new Uint8Array(buffer as ArrayBuffer) : null;
}

const random = () => crypto.getRandomValues(new Uint8Array(16));

function hex(of: Uint8Array): string {
  return [...of].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
