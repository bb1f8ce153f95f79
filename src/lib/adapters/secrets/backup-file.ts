/** A backup as a file: text that says how it is locked, and what is locked with a passphrase. Nothing of it can be read or changed without. */
import {
  freshStretching,
  isStretching,
  keyOfPassphrase,
  open,
  seal,
  type Stretching,
} from './passphrase.ts';

const format = 'gig-gossip-backup';
const version = 1;
/** Characters; a busy settler's node has a few megabytes. */
const mostChars = 2 ** 27;

export type FileProblem = 'NOT_A_BACKUP' | 'NEWER' | 'WRONG_PASSPHRASE';

export async function sealFile(
  plain: Uint8Array,
  passphrase: string,
  { cheap = false }: { readonly cheap?: boolean } = {},
): Promise<string> {
  const argon2id = freshStretching(cheap);
  const key = await keyOfPassphrase(passphrase, argon2id);
  const sealed = await seal(key, plain, about(argon2id));
  return `${JSON.stringify({ format, version, argon2id, sealed: base64(sealed) })}\n`;
}

/** A wrong passphrase and a damaged file look the same: neither opens. */
export async function openFile(
  text: string,
  passphrase: string,
): Promise<Uint8Array | FileProblem> {
  const file = parsed(text);
  if (file?.format !== format || typeof file.version !== 'number') return 'NOT_A_BACKUP';
  if (file.version > version) return 'NEWER';
  const { argon2id, sealed } = file;
  if (!isStretching(argon2id) || typeof sealed !== 'string') return 'NOT_A_BACKUP';
  const bytes = unbase64(sealed);
  if (bytes === null) return 'NOT_A_BACKUP';
  const key = await keyOfPassphrase(passphrase, argon2id);
  return (await open(key, bytes, about(argon2id))) ?? 'WRONG_PASSPHRASE';
}

/** The head is bound to what is sealed: nobody makes it cheaper to guess. */
function about({ m, t, salt }: Stretching): string {
  return JSON.stringify([format, version, m, t, salt]);
}

function parsed(text: string): Partial<Record<string, unknown>> | null {
  if (text.length > mostChars) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Partial<Record<string, unknown>> | null) : null;
  } catch {
    return null;
  }
}

/** Characters a call: more arguments than this some browsers refuse. */
const atOnce = 8_192;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += atOnce) {
    text += String.fromCharCode(...bytes.subarray(at, at + atOnce));
  }
  return btoa(text);
}

function unbase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
