import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf, readU32, u32 } from '../../src/lib/protocol/bytes.ts';
import { hash, randomStream } from '../../src/lib/protocol/crypto.ts';
import type { AskId, PeerKey } from '../../src/lib/protocol/ids.ts';
import {
  expectedHashes,
  gateHash,
  gateTarget,
  kernels,
  meetsTarget,
  mineSlice,
  sessionWorkInner,
  targetForBits,
  verifyWork,
  workInner,
  type PowScheme,
  type WorkRequest,
} from '../../src/lib/protocol/job/proof-of-work.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';

const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
const askId = '0a'.repeat(16) as AskId;
const asker = `02${'0b'.repeat(32)}` as PeerKey;
const receiver = `03${'0c'.repeat(32)}` as PeerKey;
const request: WorkRequest = {
  powScheme: 'sha256',
  powTarget: targetForBits(8),
  challenge: fill(0x0d, 16),
};
const broadcast = { request, payloadHash: fill(0x0e), askId, asker, receiver };
const dear = { ...broadcast, request: { ...request, powScheme: 'argon2id' } } as const;

/** Mines from nonce 0 until it finds one. */
function mined(inner: Uint8Array, target: Uint8Array): Uint8Array {
  for (let low = 0; ; low += 4_096) {
    const nonce = mineSlice(inner, target, { high: 0, low }, 4_096);
    if (nonce !== null) return nonce;
  }
}

describe('targets', () => {
  test('as many leading zero bits as asked for, then ones [WRK-13]', () => {
    expect(hexOf(targetForBits(0))).toBe('f'.repeat(64));
    expect(hexOf(targetForBits(12))).toBe('000'.padEnd(64, 'f'));
    expect(hexOf(targetForBits(13))).toBe('0007'.padEnd(64, 'f'));
    expect(hexOf(targetForBits(255))).toBe('1'.padStart(64, '0'));
    for (const bits of [-1, 256, 1.5]) expect(() => targetForBits(bits)).toThrow('bits');
  });

  test('lower is harder: every bit doubles the hashes expected', () => {
    for (let bits = 0; bits < 256; bits++)
      expect(expectedHashes(targetForBits(bits))).toBe(2 ** bits);
    expect(expectedHashes(fill(0))).toBe(2 ** 256);
    expect(expectedHashes(bytesOf('3fff'.padEnd(64, '0')))).toBeCloseTo(4, 2);
  });
});

describe('what work covers', () => {
  test('a change of any field asks for other work [WRK-09]', () => {
    const inners = [
      workInner(broadcast),
      workInner({ ...broadcast, payloadHash: fill(1) }),
      workInner({ ...broadcast, askId: '1a'.repeat(16) as AskId }),
      workInner({ ...broadcast, asker: receiver }),
      workInner({ ...broadcast, receiver: asker }),
      workInner({ ...broadcast, request: { ...request, challenge: fill(1, 16) } }),
      workInner({ ...broadcast, request: { ...request, powTarget: targetForBits(9) } }),
      sessionWorkInner({ request, asker, receiver }),
      sessionWorkInner({ request, asker: receiver, receiver: asker }),
      sessionWorkInner({ request: { ...request, challenge: fill(1, 16) }, asker, receiver }),
    ];
    expect(new Set(inners.map(hexOf)).size).toBe(inners.length);
  });

  test('a field of another length is our own mistake and throws', () => {
    expect(() => workInner({ ...broadcast, payloadHash: fill(1, 31) })).toThrow('31 bytes');
    const longer = { ...request, challenge: fill(1, 17) };
    expect(() => sessionWorkInner({ request: longer, asker, receiver })).toThrow('17 bytes');
  });
});

describe('mining and verifying', () => {
  test('what is mined verifies, and one who did not mine earns a fault', () => {
    const random = randomStream(fill(1));
    for (const bits of [0, 1, 8, 12]) {
      const inner = random(32);
      const target = targetForBits(bits);
      const nonce = mined(inner, target);
      expect(verifyWork(inner, nonce, target)).toBeNull();
      expect(verifyWork(inner, nonce, fill(0))?.code).toBe('POW_ABOVE_TARGET');
    }
  });

  test('a slice finds the first nonce that meets the target, and looks at no other', () => {
    const inner = fill(2);
    const target = targetForBits(9);
    const slice = fc.record({ low: fc.integer({ min: 0, max: 2_000 }), count: fc.nat(600) });
    const property = fc.property(slice, ({ low, count }) => {
      let wanted: string | null = null;
      for (let i = low; i < low + count && wanted === null; i++) {
        const nonce = concat(fill(0xee, 4), bytesOf(i.toString(16).padStart(8, '0')));
        const digest = createHash('sha256').update(inner).update(nonce).digest('hex');
        if (digest <= hexOf(target)) wanted = hexOf(nonce);
      }
      const found = mineSlice(inner, target, { high: 0xeeee_eeee, low }, count);
      expect(found === null ? null : hexOf(found)).toBe(wanted);
    });
    fc.assert(property, { numRuns: 30 });
  });

  test('a hash equal to the target meets it, a target one lower does not', () => {
    const inner = fill(3);
    const nonce = fill(4, 8);
    const target = hash(inner, nonce);
    expect(meetsTarget(inner, nonce, target)).toBe(true);
    target[31]! -= 1;
    expect(meetsTarget(inner, nonce, target)).toBe(false);
  });

  test('the last slice ends with the low half, and none goes beyond', () => {
    const start = { high: 1, low: 2 ** 32 - 2 };
    expect(hexOf(mineSlice(fill(1), targetForBits(0), start, 2)!)).toBe('00000001fffffffe');
    expect(() => mineSlice(fill(1), fill(0), start, 3)).toThrow('low half');
  });

  test('a nonce of any other length does no work', () => {
    const lengths = fc.nat(40).filter((length) => length !== 8);
    fc.assert(
      fc.property(lengths, (length) => {
        expect(verifyWork(fill(1), fill(0, length), targetForBits(0))?.code).toBe(
          'POW_ABOVE_TARGET',
        );
      }),
    );
  });
});

// ---------------------------------------------------------------------------------------- vectors

interface Json {
  readonly powScheme: PowScheme;
  readonly inner: string;
  readonly powTarget: string;
}
interface Fields {
  readonly kind: 'broadcast' | 'session';
  readonly powScheme: PowScheme;
  readonly powTarget: string;
  readonly challenge: string;
  readonly asker: string;
  readonly receiver: string;
  readonly payloadHash?: string;
  readonly askId?: string;
}

function buildVectors() {
  const { powScheme } = request;
  const powTarget = hexOf(request.powTarget);
  const session = { powScheme, powTarget, challenge: hexOf(request.challenge), asker, receiver };
  const payloadHash = hexOf(broadcast.payloadHash);
  const inner = hexOf(workInner(broadcast));
  const inners: Vector<Fields>[] = [
    {
      name: 'what work for a broadcast covers',
      hex: inner,
      json: { kind: 'broadcast', ...session, payloadHash, askId },
    },
    {
      name: 'what work for a session covers',
      hex: hexOf(sessionWorkInner({ request, asker, receiver })),
      json: { kind: 'session', ...session },
    },
    {
      name: 'what memory-hard work for a broadcast covers',
      hex: hexOf(workInner(dear)),
      json: { kind: 'broadcast', ...session, powScheme: 'argon2id', payloadHash, askId },
    },
  ];
  const json = { powScheme, inner, powTarget };
  const nonces: Vector<Json>[] = [4, 8, 12, 16].map((bits) => {
    const target = targetForBits(bits);
    const nonce = mined(bytesOf(inner), target);
    return { name: `${bits} bits`, hex: hexOf(nonce), json: { ...json, powTarget: hexOf(target) } };
  });
  const good = nonces[1]!.hex;
  const exact = hash(bytesOf(inner), bytesOf(good));
  nonces.push({
    name: 'equal to the target',
    hex: good,
    json: { ...json, powTarget: hexOf(exact) },
  });
  exact[31]! -= 1;
  const refused = (name: string, hex: string, of = json): InvalidVector<Json> => ({
    name,
    hex,
    json: of,
    code: 'POW_ABOVE_TARGET',
  });
  const invalid = [
    refused('one above the target', good, { ...json, powTarget: hexOf(exact) }),
    refused('no work', '00'.repeat(8)),
    refused('little-endian nonce', good.match(/../g)!.toReversed().join('')),
    refused('nonce of 7 bytes', good.slice(2)),
    refused('nonce of 9 bytes', `00${good}`),
    refused('work for something else', good, { ...json, inner: hexOf(fill(1)) }),
  ];
  const hard = memoryHard();
  nonces.push(...hard.nonces);
  invalid.push(...hard.invalid);
  const about =
    'Work: src/lib/protocol/job/proof-of-work.ts. `hex` of `inners` is inner, else a nonce.';
  return { about, valid: { inners, nonces }, invalid };
}

/** Behind the gate of 16 bits, and in front of it. */
function memoryHard(): {
  readonly nonces: Vector<Json>[];
  readonly invalid: InvalidVector<Json>[];
} {
  const inner = workInner(dear);
  const any = targetForBits(0);
  const low = readU32(mineSlice(inner, gateTarget, { high: 0, low: 0 }, 2 ** 22)!, 4);
  const passing = hexOf(concat(fill(0, 4), u32(low)));
  const found = hexOf(kernels.argon2id(inner, targetForBits(1), { high: 0, low: 0 }, 2 ** 22)!);
  const at = (target: Uint8Array): Json => ({
    powScheme: 'argon2id',
    inner: hexOf(inner),
    powTarget: hexOf(target),
  });
  return {
    nonces: [
      { name: 'memory-hard, the first that passes the gate', hex: passing, json: at(any) },
      { name: 'memory-hard, 1 bit', hex: found, json: at(targetForBits(1)) },
    ],
    invalid: [
      {
        name: 'memory-hard, one that does not pass the gate',
        hex: '00'.repeat(8),
        json: at(any),
        code: 'POW_ABOVE_TARGET',
      },
      {
        name: 'memory-hard, 7 bytes',
        hex: passing.slice(2),
        json: at(any),
        code: 'POW_ABOVE_TARGET',
      },
      {
        name: 'memory-hard, whose cheap hash alone meets the target',
        hex: passing,
        json: at(gateHash(inner, bytesOf(passing))),
        code: 'POW_MEMORY_HARD_ABOVE_TARGET',
      },
    ],
  };
}

function verdictOn(hex: string, { powScheme, inner, powTarget }: Json) {
  return verifyWork(bytesOf(inner), bytesOf(hex), bytesOf(powTarget), powScheme);
}

describe('vectors', () => {
  const { valid, invalid } = keepVectors('proof-of-work', buildVectors());

  test.each(valid.inners)('$name', ({ hex, json }) => {
    const text = `gig-gossip/1/work/${json.kind}${json.powScheme}`;
    const { payloadHash = '', askId: ask = '', challenge, powTarget } = json;
    const fields = [payloadHash, ask, challenge, json.asker, json.receiver, powTarget].join('');
    const digest = createHash('sha256').update(text).update(fields, 'hex').digest('hex');
    expect(digest).toBe(hex);
  });
  test.each(valid.nonces)('$name', ({ hex, json }) => {
    expect(verdictOn(hex, json)).toBeNull();
  });
  test.each(invalid)('$name -- $code', ({ hex, json, code }) => {
    expect(verdictOn(hex, json)?.code).toBe(code);
  });
});
