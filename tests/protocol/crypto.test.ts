import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf, utf8 } from '../../src/lib/protocol/bytes.ts';
import {
  box,
  boxOverhead,
  hash,
  isXOnlyKey,
  lock,
  lockOverhead,
  openBox,
  openSealed,
  peerKeyOf,
  publicKeyOf,
  randomStream,
  seal,
  sealOverhead,
  secretFrom,
  sharedX,
  sign,
  signatureTag,
  taggedHash,
  unlock,
  verify,
  xOnlyOf,
} from '../../src/lib/protocol/crypto.ts';
import { openWithShared, proveShared, verifyShared } from '../../src/lib/protocol/shared-point.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';

const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const alice = secretFrom(fill(1));
const bob = secretFrom(fill(2));
/** A string of 32 bytes that is the x of no point. */
const noPoint = 'eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34';

type Kind = 'signature' | 'seal' | 'lock' | 'box' | 'shared';
type Inputs = { readonly kind: Kind } & Readonly<Record<string, string | number>>;

function flipped(bytes: Uint8Array, at: number): string {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return hexOf(copy);
}

const body = utf8('from here to there');
const plaintext = hexOf(body);
const tag = signatureTag('regtest', 'request');
const context = fill(0xcc);
const unlockingKey = fill(5);
const where = { channelKey: fill(6), direction: 'sender', sequence: 7 };

// What it takes to read each of them.
const signedBy = {
  kind: 'signature',
  publicKey: publicKeyOf(alice),
  tag,
  body: plaintext,
} as const;
const purpose = 'reply';
const sealedTo = { kind: 'seal', purpose, secret: hexOf(bob), context: hexOf(context) } as const;
const lockedBy = { kind: 'lock', unlockingKey: hexOf(unlockingKey) } as const;
const boxedAs = { kind: 'box', ...where, channelKey: hexOf(where.channelKey) } as const;

const signature = sign(alice, tag, body, fill(3));
const sealing = { purpose, to: publicKeyOf(bob), context, plaintext: body, random: fill(4) };
const sealed = seal(sealing);
const shared = proveShared(bob, sealed, fill(7))!;
const sharedHex = hexOf(concat(shared.shared, shared.proof));
const sharedBy = { kind: 'shared', publicKey: sealing.to, sealed: hexOf(sealed) } as const;
const otherSeal = seal({ ...sealing, random: fill(9) });
const beyond = hexOf(concat(shared.shared, shared.proof.subarray(0, 32), fill(0xff)));
const locked = lock(unlockingKey, body);
const boxed = box(where, body);

function validVectors(): Vector<Inputs>[] {
  return [
    {
      name: 'signature over the tagged hash of a body',
      hex: hexOf(signature),
      json: { ...signedBy, secret: hexOf(alice), auxRand: hexOf(fill(3)) },
    },
    {
      name: 'seal to a public key',
      hex: hexOf(sealed),
      json: { ...sealedTo, publicKey: sealing.to, random: hexOf(sealing.random), plaintext },
    },
    { name: 'lock', hex: hexOf(locked), json: { ...lockedBy, plaintext } },
    {
      name: 'shared point of a seal and proof that it is that',
      hex: sharedHex,
      json: { ...sharedBy, secret: hexOf(bob), random: hexOf(fill(7)) },
    },
    { name: 'box', hex: hexOf(boxed), json: { ...boxedAs, plaintext } },
    {
      name: 'box of nothing',
      hex: hexOf(box(where, new Uint8Array())),
      json: { ...boxedAs, plaintext: '' },
    },
  ];
}

function invalidVectors(): InvalidVector<Inputs>[] {
  const otherType = signatureTag('regtest', 'promise');
  const otherNetwork = signatureTag('mainnet', 'request');
  const cases: [string, string, Inputs][] = [
    ['signature with a flipped bit', flipped(signature, 40), signedBy],
    ['signature cut short', hexOf(signature.subarray(0, 63)), signedBy],
    ['signature as another type', hexOf(signature), { ...signedBy, tag: otherType }],
    ['signature on another network', hexOf(signature), { ...signedBy, tag: otherNetwork }],
    ['signature by no point', hexOf(signature), { ...signedBy, publicKey: noPoint }],
    ['seal whose e is no point', noPoint + hexOf(sealed).slice(64), sealedTo],
    ['seal with a flipped commitment', flipped(sealed, 32), sealedTo],
    ['seal with a flipped ciphertext', flipped(sealed, 64), sealedTo],
    ['seal with a flipped tag', flipped(sealed, sealed.length - 1), sealedTo],
    ['seal for another purpose', hexOf(sealed), { ...sealedTo, purpose: 'contact' }],
    ['seal in another context', hexOf(sealed), { ...sealedTo, context: hexOf(fill(0xcd)) }],
    ['seal to somebody else', hexOf(sealed), { ...sealedTo, secret: hexOf(alice) }],
    ['seal too short', hexOf(sealed.subarray(0, sealOverhead - 1)), sealedTo],
    ['lock and another key', hexOf(locked), { ...lockedBy, unlockingKey: hexOf(fill(9)) }],
    ['lock with a flipped commitment', flipped(locked, 0), lockedBy],
    ['lock with a flipped ciphertext', flipped(locked, 32), lockedBy],
    ['lock too short', hexOf(locked.subarray(0, lockOverhead - 1)), lockedBy],
    ['shared point of somebody else', sharedHex, { ...sharedBy, publicKey: publicKeyOf(alice) }],
    ['shared point of another seal', sharedHex, { ...sharedBy, sealed: hexOf(otherSeal) }],
    ['shared point with a flipped sign', flipped(bytesOf(sharedHex), 0), sharedBy],
    ['shared point with a flipped challenge', flipped(bytesOf(sharedHex), 64), sharedBy],
    ['shared point with a flipped response', flipped(bytesOf(sharedHex), 96), sharedBy],
    ['shared point and a number beyond the order', beyond, sharedBy],
    ['shared point of a seal whose e is no point', sharedHex, { ...sharedBy, sealed: noPoint }],
    ['box with another number', hexOf(boxed), { ...boxedAs, sequence: 8 }],
    ['box of the other direction', hexOf(boxed), { ...boxedAs, direction: 'replier' }],
    ['box with a flipped tag', flipped(boxed, boxed.length - 1), boxedAs],
    ['box too short', hexOf(boxed.subarray(0, boxOverhead - 1)), boxedAs],
  ];
  return cases.map(([name, hex, json]) => ({ name, hex, json, code: 'REFUSED' }));
}

function buildVectors() {
  const about =
    'BIP-340 signatures over tagged hashes, seals to a public key, locks and boxes: ' +
    'src/lib/protocol/crypto.ts. Invalid: verifying gives false, opening gives nothing.';
  return { about, valid: validVectors(), invalid: invalidVectors() };
}

/** What a reader makes of a vector: the plaintext in hex, `true` for a good signature, or null. */
function read(hex: string, json: Inputs): string | true | null {
  const bytes = bytesOf(hex);
  const input = (name: string) => bytesOf(String(json[name]));
  const shown = (plaintext: Uint8Array | null) => (plaintext === null ? null : hexOf(plaintext));
  switch (json.kind) {
    case 'signature': {
      const key = String(json['publicKey']) as PartyKey;
      return verify(key, String(json['tag']), input('body'), bytes) ? true : null;
    }
    case 'seal': {
      const [purpose, secret, context] = [
        String(json['purpose']),
        input('secret'),
        input('context'),
      ];
      return shown(openSealed({ purpose, secret, context, sealed: bytes }));
    }
    case 'shared': {
      const proof = { shared: bytes.subarray(0, 33), proof: bytes.subarray(33) };
      const key = String(json['publicKey']) as PartyKey;
      return verifyShared(key, input('sealed'), proof) ? true : null;
    }
    case 'lock':
      return shown(unlock(input('unlockingKey'), bytes));
    case 'box': {
      const direction = String(json['direction']);
      const sequence = Number(json['sequence']);
      return shown(openBox({ channelKey: input('channelKey'), direction, sequence }, bytes));
    }
  }
}

describe('vectors', () => {
  const { valid, invalid } = keepVectors('crypto', buildVectors());
  test.each(valid)('$name', ({ hex, json }) => {
    expect(read(hex, json)).toBe(json['plaintext'] ?? true);
  });
  test.each(invalid)('$name -- $code', ({ hex, json }) => {
    expect(read(hex, json)).toBeNull();
  });
});

describe('hashes and randomness', () => {
  test('hash is SHA-256 and taggedHash that of BIP-340', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect(hexOf(hash())).toBe(empty);
    const tag = hash(utf8('a tag'));
    expect(taggedHash('a tag', fill(1), fill(2))).toEqual(hash(tag, tag, fill(1), fill(2)));
  });

  test('a stream repeats for its seed; what a call gives does not depend on the one before', () => {
    const [one, two] = [randomStream(fill(1)), randomStream(fill(1))];
    one(5);
    two(65_536);
    expect(one(32)).toEqual(two(32));
    expect(one(32)).not.toEqual(randomStream(fill(2))(32));
  });
});

describe('keys', () => {
  test('a peer key is the same point as the party key of its secret, with a sign', () => {
    expect(peerKeyOf(alice).slice(2)).toBe(publicKeyOf(alice));
    expect(peerKeyOf(alice)).toMatch(/^0[23]/);
  });

  test('any 32 random bytes give a secret, also those beyond the order of the curve', () => {
    for (const byte of [0x00, 0x7f, 0xff]) {
      expect(isXOnlyKey(xOnlyOf(secretFrom(fill(byte))))).toBe(true);
    }
  });

  test('both sides share one x, whatever the signs of their points', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (random) => {
        const carol = secretFrom(random);
        expect(sharedX(carol, xOnlyOf(bob))).toEqual(sharedX(bob, xOnlyOf(carol)));
      }),
      { numRuns: 8 },
    );
  });

  test('what is no point is no key', () => {
    expect(isXOnlyKey(bytesOf(noPoint))).toBe(false);
    expect(isXOnlyKey(fill(0xff))).toBe(false);
    expect(isXOnlyKey(fill(0))).toBe(false);
    expect(isXOnlyKey(xOnlyOf(alice).subarray(1))).toBe(false);
    expect(sharedX(alice, bytesOf(noPoint))).toBeNull();
  });
});

describe('a seal opened to the world', () => {
  const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

  test('anybody opens it with the proven point, whoever sealed what to whom', () => {
    const property = fc.property(bytes32, bytes32, bytes32, (who, random, nonce) => {
      const secret = secretFrom(who);
      const to = publicKeyOf(secret);
      const mine = seal({ purpose, to, context, plaintext: body, random });
      const proof = proveShared(secret, mine, nonce)!;
      expect(verifyShared(to, mine, proof)).toBe(true);
      expect(openWithShared({ purpose, key: to, context }, mine, proof.shared)).toEqual(body);
      expect(openWithShared({ purpose: 'p', key: to, context }, mine, proof.shared)).toBeNull();
      expect(verifyShared(publicKeyOf(alice), mine, proof)).toBe(false);
    });
    fc.assert(property, { numRuns: 12 });
  });

  test('a forged proof fails, and so does one for another seal, reader or point', () => {
    const property = fc.property(bytes32, bytes32, bytes32, (who, random, nonce) => {
      const secret = secretFrom(who);
      const to = publicKeyOf(secret);
      const [mine, other] = [body, utf8('another')].map((plaintext) =>
        seal({ purpose, to, context, plaintext, random }),
      );
      const [one, two] = [mine!, other!].map((each) => proveShared(secret, each, nonce)!);
      const { shared: point, proof } = one!;
      const [c, s] = [proof.subarray(0, 32), proof.subarray(32)];
      const stolen = concat(mine!.subarray(0, 32), other!.subarray(32));
      const forged = [
        { shared: two!.shared, proof },
        { shared: point, proof: two!.proof },
        { shared: point, proof: concat(s, c) },
        { shared: point, proof: concat(c, two!.proof.subarray(32)) },
        { shared: point, proof: concat(random, nonce) },
        { shared: Uint8Array.from(point, (byte, at) => (at === 0 ? byte ^ 1 : byte)), proof },
        { shared: concat(Uint8Array.of(2), xOnlyOf(secretFrom(nonce))), proof },
      ];
      for (const each of forged) expect(verifyShared(to, mine!, each)).toBe(false);
      expect(verifyShared(to, other!, one!)).toBe(false);
      expect(verifyShared(to, stolen, one!)).toBe(false);
      expect(verifyShared(to, mine!, proveShared(alice, mine!, nonce)!)).toBe(false);
    });
    fc.assert(property, { numRuns: 12 });
  });

  test('infinity and zero prove nothing', () => {
    const zero = new Uint8Array(32);
    for (const point of [new Uint8Array(33), new Uint8Array(1), shared.shared]) {
      for (const proof of [new Uint8Array(64), concat(zero, fill(1)), concat(fill(1), zero)]) {
        expect(verifyShared(sealing.to, sealed, { shared: point, proof })).toBe(false);
      }
    }
  });

  test('the same randomness for another seal is another nonce: no two proofs give the key away', () => {
    const [one, two] = [sealed, otherSeal].map((each) => proveShared(bob, each, fill(7))!);
    expect(one!.proof.subarray(32)).not.toEqual(two!.proof.subarray(32));
    expect(proveShared(bob, sealed, fill(7))).toEqual(one);
  });

  test('a seal whose e is no point has no shared point', () => {
    expect(proveShared(bob, bytesOf(noPoint), fill(7))).toBeNull();
    expect(proveShared(bob, fill(1, 31), fill(7))).toBeNull();
    expect(() => proveShared(bob, sealed, fill(7, 31))).toThrow('random');
  });
});

describe('whatever a peer sends', () => {
  const garbage = fc.uint8Array({ maxLength: 200 });

  test('verify, openSealed, unlock and openBox refuse it and never throw', () => {
    fc.assert(
      fc.property(garbage, garbage, fc.string(), (bytes, key, text) => {
        expect(verify(key, 'tag', bytes, bytes)).toBe(false);
        expect(verify(text as PartyKey, 'tag', bytes, fill(1, 64))).toBe(false);
        const sealed = concat(xOnlyOf(alice), bytes);
        expect(openSealed({ purpose: 'p', secret: bob, context: key, sealed })).toBeNull();
        expect(openSealed({ purpose: 'p', secret: bob, context: key, sealed: bytes })).toBeNull();
        expect(verifyShared(key, bytes, { shared: bytes, proof: key })).toBe(false);
        expect(verifyShared(text as PartyKey, sealed, shared)).toBe(false);
        expect(openWithShared({ purpose, key: bob, context: key }, bytes, key)).toBeNull();
        expect(unlock(key, bytes)).toBeNull();
        expect(unlock(fill(1), bytes)).toBeNull();
        const where = { channelKey: fill(1), direction: text, sequence: bytes.length - 3 };
        expect(openBox(where, bytes)).toBeNull();
      }),
      { numRuns: 20 },
    );
  });

  test('seal, lock and box open to what went in, and are as much longer as they say', () => {
    fc.assert(
      fc.property(garbage, garbage, fc.nat(), (plaintext, context, sequence) => {
        const purpose = 'reply';
        const random = fill(8);
        const sealed = seal({ purpose, to: xOnlyOf(bob), context, plaintext, random });
        expect(openSealed({ purpose, secret: bob, context, sealed })).toEqual(plaintext);
        expect(sealed.length).toBe(plaintext.length + sealOverhead);
        const locked = lock(random, plaintext);
        expect(unlock(random, locked)).toEqual(plaintext);
        expect(locked.length).toBe(plaintext.length + lockOverhead);
        const where = { channelKey: random, direction: 'replier', sequence };
        expect(openBox(where, box(where, plaintext))).toEqual(plaintext);
        expect(box(where, plaintext).length).toBe(plaintext.length + boxOverhead);
      }),
      { numRuns: 20 },
    );
  });
});

test('the same randomness for another message is another e: no key serves two messages', () => {
  const common = { purpose: 'reply', to: xOnlyOf(bob), context: fill(1), random: fill(2) };
  const one = seal({ ...common, plaintext: utf8('one') });
  const two = seal({ ...common, plaintext: utf8('two') });
  expect(one.subarray(0, 32)).not.toEqual(two.subarray(0, 32));
});

test('signing without 32 bytes of auxiliary randomness is our own mistake and throws', () => {
  expect(() => sign(alice, 'tag', fill(1), new Uint8Array())).toThrow('auxRand');
  expect(() =>
    seal({
      purpose: 'p',
      to: bytesOf(noPoint),
      context: fill(1),
      plaintext: fill(1),
      random: fill(1),
    }),
  ).toThrow('public key');
});
