/**
 * Frames as somebody writes them who knows the protocol, the keys of everybody in town, and no shame: true frames with fields
 * changed, taken from elsewhere or signed anew.
 */
import { encodeFrame, type Frame } from '../../src/lib/protocol/frame.ts';
import { statementKinds, type StatementKind } from '../../src/lib/protocol/job/settlement.ts';
import { signBody, type SignedType } from '../../src/lib/protocol/job/signed.ts';
import { isFault, type MessageCodec } from '../../src/lib/protocol/wire/codec.ts';
import * as m from '../../src/lib/protocol/wire/messages.ts';
import * as cast from '../protocol/cast.ts';
import type { Dice } from './dice.ts';

type Codec = MessageCodec<object>;
type Plain = Record<string, unknown>;

/** What is signed under which name, and as what. */
const signedAs: Readonly<Record<string, readonly [Codec, SignedType]>> = {
  request: [m.DraftRequest as unknown as Codec, 'draft-request'],
  application: [m.CertificateApplication as unknown as Codec, 'application'],
  cancellation: [m.CancelBroadcast as unknown as Codec, 'cancel-broadcast'],
  promise: [m.SettlementPromise as unknown as Codec, 'promise'],
  signedSettlementPromise: [m.SettlementPromise as unknown as Codec, 'promise'],
  revocationHead: [m.RevocationHead as unknown as Codec, 'revocation-head'],
  settlerHead: [m.RevocationHead as unknown as Codec, 'revocation-head'],
  signedRequestPayload: [m.RequestPayload as unknown as Codec, 'request'],
  ...(statementKinds as unknown as Record<StatementKind, readonly [Codec, SignedType]>),
};

const statements = Object.keys(statementKinds) as StatementKind[];

/** Everything that was ever said under a name: what another frame may say there. */
export class Words {
  readonly #said = new Map<string, unknown[]>();
  readonly #known = new Set<string>();

  learn(value: unknown, name = ''): void {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) return value.forEach((item) => this.learn(item, name));
    if (isSigned(value)) this.#learnSigned(value, name);
    if (typeof value === 'object' && !(value instanceof Uint8Array)) {
      for (const [key, inner] of Object.entries(value)) this.learn(inner, key);
    }
    const id = `${name} ${typeof value === 'bigint' ? value : JSON.stringify(value, flat)}`;
    if (this.#known.has(id)) return;
    this.#known.add(id);
    const said = this.#said.get(name) ?? [];
    said.push(value);
    this.#said.set(name, said);
  }

  pick(dice: Dice, name: string): unknown {
    const said = this.#said.get(name);
    return said === undefined ? undefined : dice.pick(said);
  }

  #learnSigned(signed: m.Signed, name: string): void {
    const codec = signedAs[name]?.[0];
    const body = codec?.decodeCanonical(signed.body);
    if (body !== undefined && !isFault(body)) this.learn(body, `${name} body`);
  }
}

const flat = (_key: string, value: unknown) =>
  typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? [...value] : value;

function isSigned(value: unknown): value is m.Signed {
  return typeof value === 'object' && value !== null && 'body' in value && 'signature' in value;
}

/** Signing takes longer than anything else here: of one kind so many are signed, then mostly used again. */
const signedOfAKind = 300;

export class Forger {
  readonly dice: Dice;
  readonly words: Words;
  /** Keys of people who are certified, and of some who are not. */
  readonly #secrets: readonly Uint8Array[];
  readonly #signed = new Map<string, m.Signed[]>();

  constructor(dice: Dice, words: Words, secrets: readonly Uint8Array[]) {
    this.dice = dice;
    this.words = words;
    this.#secrets = secrets;
  }

  /** A body signed as what it is signed under this name, or another one signed before; null if no bytes can say it. */
  sign(name: string, make: () => object, about = ''): m.Signed | null {
    const { dice } = this;
    const [codec, type] = signedAs[name]!;
    const key = `${name} ${about}`;
    const signed = this.#signed.get(key) ?? [];
    if (signed.length >= signedOfAKind && !dice.one(25)) return dice.pick(signed);
    const random = (length: number) => dice.bytes(length);
    const by = { type, network: cast.network, secret: dice.pick(this.#secrets), random };
    try {
      const fresh = signBody(codec, make(), by);
      if (signed.length < signedOfAKind) signed.push(fresh);
      else signed[dice.below(signed.length)] = fresh;
      this.#signed.set(key, signed);
      return fresh;
    } catch {
      return null;
    }
  }
}

/** The bytes of a frame like this one, in which up to three things are different. */
export function forge(forger: Forger, frame: Frame): Uint8Array {
  const { dice } = forger;
  let forged: Plain = { ...frame };
  if (frame.kind === 'statements' && dice.one(2)) forged = withStatement(forger, forged);
  for (let changes = dice.below(4); changes > 0; changes--) forged = changedIn(forger, forged);
  try {
    return encodeFrame(forged as unknown as Frame);
  } catch {
    return encodeFrame(frame); // what no bytes can say
  }
}

/** Somebody states something about this very promise. */
function withStatement(forger: Forger, plain: Plain): Plain {
  const kind = forger.dice.pick(statements);
  const { promiseId } = plain;
  const body = forger.words.pick(forger.dice, `${kind} body`);
  if (body === undefined) return plain;
  const signed = forger.sign(kind, () => ({ ...body, promiseId }), promiseId as string);
  return signed === null ? plain : { ...plain, [kind]: signed };
}

function changedIn(forger: Forger, plain: Plain): Plain {
  const { dice } = forger;
  const name = dice.pick(Object.keys(plain).filter((key) => key !== 'kind'));
  if (name === undefined) return plain;
  return { ...plain, [name]: changedValue(forger, plain[name], name) };
}

function changedValue(forger: Forger, value: unknown, name: string): unknown {
  const { dice, words } = forger;
  const other = dice.one(3) ? words.pick(dice, name) : undefined;
  if (other !== undefined) return other;
  if (isSigned(value)) return signedAnew(forger, value, name);
  if (Array.isArray(value)) return changedList(forger, value, name);
  if (value instanceof Uint8Array) return changedBytes(dice, value);
  switch (typeof value) {
    case 'string':
      return changedText(dice, value);
    case 'number':
      return changedNumber(dice, value);
    case 'bigint':
      return dice.pick([0n, 1n, value + 1n, value * 2n, 999n, 2n ** 53n, 2n ** 64n - 1n]);
    case 'boolean':
      return !value;
    default:
      if (value === null || value === undefined) return words.pick(dice, name) ?? null;
      return changedIn(forger, value as Plain);
  }
}

/** The body says something else, and somebody signs it: mostly whoever may. */
function signedAnew(forger: Forger, signed: m.Signed, name: string): m.Signed {
  const { dice } = forger;
  const body = signedAs[name]?.[0].decodeCanonical(signed.body);
  if (body === undefined || isFault(body) || dice.one(8)) {
    return dice.one(2)
      ? { ...signed, body: changedBytes(dice, signed.body) }
      : { ...signed, signature: changedBytes(dice, signed.signature) };
  }
  const say = () => (dice.one(4) ? body : changedIn(forger, body as Plain));
  return forger.sign(name, say) ?? signed;
}

function changedList(forger: Forger, list: readonly unknown[], name: string): unknown[] {
  const { dice } = forger;
  if (list.length === 0) return [];
  const at = dice.below(list.length);
  switch (dice.below(4)) {
    case 0:
      return list.toSpliced(at, 1);
    case 1:
      return [...list, list[at]];
    case 2:
      return list.toReversed();
    default:
      return list.with(at, changedValue(forger, list[at], name));
  }
}

function changedBytes(dice: Dice, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || dice.one(6)) return dice.bytes(bytes.length);
  if (dice.one(12)) return bytes.subarray(0, dice.below(bytes.length));
  const copy = bytes.slice();
  copy[dice.below(copy.length)]! ^= 1 << dice.below(8);
  return copy;
}

function changedText(dice: Dice, text: string): string {
  if (/^([0-9a-f]{2}){16,}$/.test(text)) {
    return Buffer.from(dice.bytes(text.length / 2)).toString('hex');
  }
  const at = dice.below(text.length + 1);
  return dice.pick([
    '',
    text.slice(0, at),
    text + text,
    `${text.slice(0, at)}\u0000${text.slice(at)}`,
    'x'.repeat(dice.pick([8, 300, 2_000])),
  ]);
}

function changedNumber(dice: Dice, value: number): number {
  return dice.pick([0, 1, value + 1, Math.max(0, value - 1), 2 ** 31, 2 ** 32 - 1, 2 ** 53 - 1]);
}
