/** Whole revocation lists: which keys an entry means, and that a list without its own head is none. */
import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf } from '../../src/lib/protocol/bytes.ts';
import { taggedHash } from '../../src/lib/protocol/crypto.ts';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import { revocationEntry, revocationListRoot } from '../../src/lib/protocol/job/revocation.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { RevocationHead, Signed } from '../../src/lib/protocol/wire/messages.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import { Neighbour, someNode } from './neighbour.ts';

/** What the reader knows, and what it knows then. */
interface Json {
  /** Authorities whose lists it takes. */
  readonly authorities: readonly string[];
  readonly nowMs: number;
  /** Keys of which every certificate is taken back, and one that still counts. */
  readonly revoked?: readonly string[];
  readonly kept?: readonly string[];
}

const { root, mallory, nowMs } = cast;
const known: Json = { authorities: [root.key], nowMs };
const keys = ['a', 'b', 'c'].map((name) => cast.party(`taken back: ${name}`).key);
const [first, second, third] = keys.map(revocationEntry).toSorted() as [string, string, string];
const all = [first, second, third];
const other = revocationEntry(cast.worker.key);

const headOf = (entries: readonly string[], change: Partial<RevocationHead> = {}, by = root) =>
  cast.revocationHead({ seq: 8n, listRoot: revocationListRoot(entries), ...change }, by);
const hexList = (entries: readonly string[], head: Signed) =>
  hexOf(encodeFrame({ kind: 'revocationList', head, entries }));

function validVectors(): Vector<Json>[] {
  const lists: [string, readonly string[], readonly PartyKey[]][] = [
    ['nobody is taken back', [], []],
    ['one key', [revocationEntry(keys[0]!)], [keys[0]!]],
    ['three keys', all, keys],
    ['in another order than the root has them', [third, first, second], keys],
  ];
  return lists.map(([name, entries, revoked]) => ({
    name,
    hex: hexList(entries, headOf(entries)),
    json: { ...known, revoked, kept: [cast.worker.key] },
  }));
}

function invalidVectors(): InvalidVector<Json>[] {
  const issuedMs = nowMs - 3_600_000;
  const lists: [string, readonly string[], Signed][] = [
    ['one entry short', [first, second], headOf(all)],
    ['no entries at all', [], headOf(all)],
    ['one entry more', [...all, other], headOf(all)],
    ['an entry in the place of another', [first, second, other], headOf(all)],
    ['an entry twice', [first, ...all], headOf(all)],
    ['an entry twice, and a head that says so', [first, ...all], headOf([first, ...all])],
    ['the head of another list', all, headOf([other])],
    ['a head over the entries as they came', [third, first, second], unsorted()],
    ['a flipped signature', all, cast.forged(headOf(all))],
    ['a head signed by somebody else', all, headOf(all, { certAuthKey: root.key }, mallory)],
    ['an authority of nobody here', all, headOf(all, {}, mallory)],
    ['a stale head', all, headOf(all, { issuedMs: issuedMs - limits.headMs, nextMs: nowMs })],
    ['a head for more than a day', all, headOf(all, { nextMs: issuedMs + limits.headMs + 1 })],
  ];
  const code = 'REVOCATION_HEAD_INVALID';
  return lists.map(([name, entries, head]) => ({
    name,
    hex: hexList(entries, head),
    json: known,
    code,
  }));
}

/** The root that a reader would find who forgets to sort. */
function unsorted(): Signed {
  const joined = concat(...[third, first, second].map(bytesOf));
  return headOf(all, { listRoot: hexOf(taggedHash('gig-gossip/1/revocation-list', joined)) });
}

function receive(hex: string) {
  const node = someNode();
  const settler = new Neighbour(node, 'settler');
  const effects = settler.say(decodeFrame(bytesOf(hex)) as FrameOf<'revocationList'>);
  const faults = effects.flatMap((effect) => (effect.do === 'fault' ? [effect.code] : []));
  return { node, faults };
}

describe('vectors [CRT-05]', () => {
  const { valid, invalid } = keepVectors('revocation-lists', {
    about:
      'Revocation lists (a Frame), and what a reader knows: src/lib/protocol/job/revocation.ts. ' +
      '`revoked` are keys that the list names, `kept` one that it does not.',
    valid: validVectors(),
    invalid: invalidVectors(),
  });

  test.each(valid)('$name', ({ hex, json }) => {
    const { node, faults } = receive(hex);
    expect(faults).toEqual([]);
    const { entries } = node.revoked.get(root.key)!;
    expect(entries.size).toBe(json.revoked!.length);
    const listed = (key: string) => entries.has(revocationEntry(key as PartyKey));
    expect(json.revoked!.every(listed)).toBe(true);
    expect(json.kept!.some(listed)).toBe(false);
    expect(node.heads.get(root.key)?.seq).toBe(8n);
  });

  test.each(invalid)('recv RevocationListFrame -- $name -- $code', ({ hex, code }) => {
    const { node, faults } = receive(hex);
    expect(faults).toEqual([code]);
    expect(node.revoked.get(root.key)?.entries.size ?? 0).toBe(0);
  });
});
