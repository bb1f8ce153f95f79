/**
 * Reading invoices: the examples of BOLT 11 (all signed with one published key), some that a real
 * LDK node made, another reader's opinion, and garbage.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { bech32 } from '@scure/base';
import fc from 'fast-check';
import { decode as decodeElsewhere } from 'light-bolt11-decoder';
import { describe, expect, test } from 'vitest';
import { readInvoice, type InvoiceFields } from '../../src/lib/protocol/job/bolt11.ts';
import { writeInvoice } from '../../src/simulator/bolt11-writer.ts';

// The examples share these fields: payment secret, payment hash and description.
const secret = 'sp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygs';
const hash = 'pp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypq';
const hashed = 'hp58yjmdan79s6qqdhdzgynm4zwqd5d7xmw5fk98klysy043l2ahrqs';
const coffeeBeans = 'dq5vdhkven9v5sxyetpdees';
const route =
  'rzjq0gxwkzc8w6323m55m4jyxcjwmy7stt9hwkwe2qxmy8zpsgg7jcuwz87fcqqeuqqqyqqqqlgqqqqn3qq9q';
const q = (words: number): string => 'q'.repeat(words);

const hashOf = (hex: string) => hex as InvoiceFields['paymentHash'];
const specHash = '0001020304050607080900010203040506070809000102030405060708090102';
const specPayee = '03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad';
const specFields: InvoiceFields = {
  network: 'mainnet',
  paymentHash: hashOf(specHash),
  amountMsat: 2_000_000_000n,
  minFinalCltv: 18,
  timestampMs: 1_496_314_658_000,
  expirySeconds: 3_600,
  description: '',
  payee: specPayee,
};

interface Valid {
  readonly name: string;
  readonly invoice: string;
  readonly fields: Partial<InvoiceFields>;
}

const supports8and14and99 =
  `lnbc25m1pvjluez${hash}${coffeeBeans}${secret}9q5sqqqqqqqqqqqqqqqqsgq2a25dxl5hrntdtn6zvydt7d66` +
  'hyzsyhqs4wdynavys42xgl6sgx9c4g7me86a27t07mdtfry458rtjr0v92cnmswpsjscgt2vcse3sgpz3uapa';

const valid: readonly Valid[] = [
  {
    name: 'a cup of coffee within one minute',
    invoice:
      `lnbc2500u1pvjluez${secret}${hash}dq5xysxxatsyp3k7enxv4jsxqzpu9qrsgquk0rl77nj30yxdy8j9vdx8` +
      '5fkpmdla2087ne0xh8nhedh8w27kyke0lp53ut353s06fv3qfegext0eh0ymjpf39tuven09sam30g4vgpfna3rh',
    fields: { amountMsat: 250_000_000n, expirySeconds: 60, description: '1 cup coffee' },
  },
  {
    name: 'a cup of nonsense',
    invoice:
      `lnbc2500u1pvjluez${secret}${hash}dpquwpc4curk03c9wlrswe78q4eyqc7d8d0xqzpu9qrsgqhtjpauu9ur7` +
      'fw2thcl4y9vfvh4m9wlfyz2gem29g5ghe2aak2pm3ps8fdhtceqsaagty2vph7utlgj48u0ged6a337aewvraedend' +
      'scp573dxr',
    fields: { amountMsat: 250_000_000n, expirySeconds: 60, description: 'ナンセンス 1杯' },
  },
  {
    name: 'a list of things, hashed',
    invoice:
      `lnbc20m1pvjluez${secret}${hash}${hashed}9qrsgq7ea976txfraylvgzuxs8kgcw23ezlrszfnh8r6qtfpr6` +
      'cxga50aj6txm9rxrydzd06dfeawfk6swupvz4erwnyutnjq7x39ymw6j38gp7ynn44',
    fields: {},
  },
  {
    name: 'on testnet, with a fallback address',
    invoice:
      `lntb20m1pvjluez${secret}${hashed}${hash}fpp3x9et2e20v6pu37c5d9vax37wxq72un989qrsgqdj545axu` +
      'xtnfemtpwkc45hx9d2ft7x04mt8q7y6t0k2dge9e7h8kpy9p34ytyslj3yu569aalz2xdk8xkd7ltxqld94u8h2esm' +
      'smacgpghe9k8',
    fields: { network: 'testnet' },
  },
  {
    name: 'with a fallback address and a route of two hops',
    invoice:
      `lnbc20m1pvjluez${secret}${hash}${hashed}fpp3qjmp7lwpagxun9pygexvgpjdc4jdj85fr9yq20q82gphp2` +
      'nflc7jtzrcazrra7wwgzxqc8u7754cdlpfrmccae92qgzqvzq2ps8pqqqqqqpqqqqq9qqqvpeuqafqxu92d8lr6fvg' +
      '0r5gv0heeeqgcrqlnm6jhphu9y00rrhy4grqszsvpcgpy9qqqqqqgqqqqq7qqzq9qrsgqdfjcdk6w3ak5pca9hwfwf' +
      'h63zrrz06wwfya0ydlzpgzxkn5xagsqz7x9j4jwe7yj7vaf2k9lqsdk45kts2fd0fkr28am0u4w95tt2nsq76cqw0',
    fields: {},
  },
  {
    name: 'with a P2SH fallback address',
    invoice:
      `lnbc20m1pvjluez${secret}${hashed}${hash}fppj3a24vwu6r8ejrss3axul8rxldph2q7z99qrsgqz6qsgww3` +
      '4xlatfj6e3sngrwfy3ytkt29d2qttr8qz2mnedfqysuqypgqex4haa2h8fx3wnypranf3pdwyluftwe680jjcfp438' +
      'u82xqphf75ym',
    fields: {},
  },
  {
    name: 'with a P2WPKH fallback address',
    invoice:
      `lnbc20m1pvjluez${secret}${hashed}${hash}fppqw508d6qejxtdg4y5r3zarvary0c5xw7k9qrsgqt29a0wtu` +
      'rnys2hhxpner2e3plp6jyj8qx7548zr2z7ptgjjc7hljm98xhjym0dg52sdrvqamxdezkmqg4gdrvwwnf0kv2jdfnl' +
      '4xatsqmrnsse',
    fields: {},
  },
  {
    name: 'with a P2WSH fallback address',
    invoice:
      `lnbc20m1pvjluez${secret}${hashed}${hash}fp4qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvp` +
      'ysxf3q9qrsgq9vlvyj8cqvq6ggvpwd53jncp9nwc47xlrsnenq2zp70fq83qlgesn4u3uyf4tesfkkwwfg3qs54qe4' +
      '26hp3tz7z6sweqdjg05axsrjqp9yrrwc',
    fields: {},
  },
  {
    name: 'with a P2TR fallback address',
    invoice:
      `lnbc20m1pvjluez${secret}${hash}${hashed}fp4pptdvg0d2nj99568qn6ssdy4cygnwuxgw2ukmnwgwz7jpqj` +
      'z2kszs9qrsgqy606dznq28exnydt2r4c29y56xjtn3sk4mhgjtl4pg2y4ar3249rq4ajlmj9jy8zvlzw7cr8mggqzm' +
      '842xfr0v72rswzq9xvr4hknfsqwmn6xd',
    fields: {},
  },
  {
    name: 'an amount in pico-bitcoin, a final CLTV and a week to pay',
    invoice:
      'lnbc9678785340p1pwmna7lpp5gc3xfm08u9qy06djf8dfflhugl6p7lgza6dsjxq454gxhj9t7a0sd8dgfkx7cmtw' +
      'd68yetpd5s9xar0wfjn5gpc8qhrsdfq24f5ggrxdaezqsnvda3kkum5wfjkzmfqf3jkgem9wgsyuctwdus9xgrcyqc' +
      'jcgpzgfskx6eqf9hzqnteypzxz7fzypfhg6trddjhygrcyqezcgpzfysywmm5ypxxjemgw3hxjmn8yptk7untd9hxw' +
      `g3q2d6xjcmtv4ezq7pqxgsxzmnyyqcjqmt0wfjjq6t5v4khx${secret}xqyjw5qcqp2${route}9qrsgqrvgkpnmp` +
      's664wgkp43l22qsgdw4ve24aca4nymnxddlnp8vh9v2sdxlu5ywdxefsfvm0fq3sesf08uf6q9a2ke0hc9j6z6wlxg' +
      '5z5kqpu2v9wz',
    fields: {
      amountMsat: 967_878_534n,
      paymentHash: hashOf('462264ede7e14047e9b249da94fefc47f41f7d02ee9b091815a5506bc8abf75f'),
      minFinalCltv: 10,
      expirySeconds: 604_800,
      timestampMs: 1_572_468_703_000,
      description:
        'Blockstream Store: 88.85 USD for Blockstream Ledger Nano S x 1, "Back In My Day" Sticker' +
        ' x 2, "I Got Lightning Working" Sticker x 2 and 1 more items',
    },
  },
  {
    name: 'features 8, 14 and 99',
    invoice: supports8and14and99,
    fields: { amountMsat: 2_500_000_000n, description: 'coffee beans' },
  },
  {
    name: 'all upper case',
    invoice: supports8and14and99.toUpperCase(),
    fields: { amountMsat: 2_500_000_000n, description: 'coffee beans' },
  },
  {
    name: 'fields which must be ignored',
    invoice:
      `lnbc25m1pvjluez${hash}${coffeeBeans}${secret}9q5sqqqqqqqqqqqqqqqqsgq2qrqqqfppn${q(32)}` +
      `ppn${q(51)}pp4${q(53)}hpn${q(51)}hp4${q(53)}spn${q(51)}sp4${q(53)}np5${q(52)}npk${q(54)}` +
      'z599y53s3ujmcfjp5xrdap68qxymkqphwsexhmhr8wdz5usdzkzrse33chw6dlp3jhuhge9ley7j2ayx36kawe7kmg' +
      'g8sv5ugdyusdcqzn8z9x',
    fields: { amountMsat: 2_500_000_000n, description: 'coffee beans' },
  },
  {
    name: 'payment metadata',
    invoice:
      `lnbc10m1pvjluez${hash}dp9wpshjmt9de6zqmt9w3skgct5vysxjmnnd9jx2mq8q8a04uq${secret}9q2gqqqqq` +
      'qsgq7hf8he7ecf7n4ffphs6awl9t6676rrclv9ckg3d3ncn7fct63p6s365duk5wrk202cfy3aj5xnnp5gs3vrdvru' +
      'verwwq7yzhkf5a3xqpd05wjc',
    fields: { amountMsat: 1_000_000_000n, description: 'payment metadata inside' },
  },
];

/** Two made by LDK 0.1 behind a private channel: with a route hint, and the key spelt out. */
const madeByLdk: readonly Valid[] = [
  {
    name: 'LDK, one satoshi, no description',
    invoice:
      'lnbcrt10n1p4szhk4dqqnp4q0yqd3870h9xzmvnshx6nysj40np32ep34ldjvj44e85l08sgvxn2pp5ncrke6hjg6m' +
      'qq0vuy6q29dx0p0laq6vqtyptpd0da6l5jquluj7ssp5rz27hgflhkq6ewwrmln8xmvhnvxl60ju0va2v7kzpyj3c0' +
      '0a67hs9qyysgqcqzynxqrrssrzjqwqlwzhlga8mv8r6r9mm2p7qtj0mm5pgeuwkj6ym6hphsyr558r2cqqqqyqq03c' +
      'qq5qqqqlgqqqqqqqqfqtemmjc9yuw3dr9at9jg75tcqmjjzeyra0ksrnv3htgdycu675tpz0g0g5t8zpkpn3p7wp83' +
      'mcfl52dv44v8sfdhnu9xaxyg2nqpyn6cp6206up',
    fields: {
      amountMsat: 1_000n,
      paymentHash: hashOf('9e076ceaf246b6003d9c2680a2b4cf0bffd069805902b0b5edeebf49039fe4bd'),
      minFinalCltv: 147,
      expirySeconds: 3_600,
    },
  },
  {
    name: 'LDK, an odd millisatoshi, a day to pay',
    invoice:
      'lnbcrt1000000010p1p4szhk4dql23shs6fqw3hjqargv5s8xarpw35k7msnp4q0yqd3870h9xzmvnshx6nysj40np' +
      '32ep34ldjvj44e85l08sgvxn2pp57nuhezxyp8w0x7ymtdgcmglh6fnvfzqxd6t6vphr3g2sw7vgqu6ssp552wpu0p' +
      '850846tzfx5tvlj8crk3p6uknjy0zrauwds6r34lh6ves9qyysgqcqzdnxqyz5vqrzjqwqlwzhlga8mv8r6r9mm2p7' +
      'qtj0mm5pgeuwkj6ym6hphsyr558r2cqqqqyqq03cqq5qqqqlgqqqqqqqqfq8ern343faruy8fyngannt0h0txnu2jy' +
      'u39jr7evtx8m8z8nvdushlql0tqjpgs3vr2cwm2wn5y4nadcqdm0zlqwx2x84qarxyysx38qqrwyth3',
    fields: {
      amountMsat: 100_000_001n,
      paymentHash: hashOf('f4f97c88c409dcf3789b5b518da3f7d266c488066e97a606e38a150779880735'),
      minFinalCltv: 435,
      expirySeconds: 86_400,
      description: 'Taxi to the station',
    },
  },
];
const ldkFields: InvoiceFields = {
  ...specFields,
  network: 'regtest',
  timestampMs: 1_795_251_925_000,
  payee: '03c806c4fe7dca616d9385cda99212abe618ab218d7ed93255ae4f4fbcf0430d35',
};

const badChecksum =
  `pvjluez${hash}dpquwpc4curk03c9wlrswe78q4eyqc7d8d0xqzpuyk0sg5g70me25alkluzd2x62aysf2pyy8edtj` +
  'eevuv4p2d5p76r4zkmneet7uvyakky2zr4cusd45tftc9c5fh0nnqpnl2jfll544esqchsrn';
const invalid: readonly (readonly [name: string, invoice: string, detail: RegExp])[] = [
  [
    'any amount',
    `lnbc1pvjluez${secret}${hash}dpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkx` +
      'aq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qakdyafkq3yap9us6v52vjjsrvywa6rt52cm9r9zqt8r' +
      '2t7mlcwspyetp5h2tztugp9lfyql',
    /no amount/,
  ],
  [
    'unknown feature 100',
    `lnbc25m1pvjluez${hash}${coffeeBeans}${secret}9q4psqqqqqqqqqqqqqqqqsgqtqyx5vggfcsll4wu246hz02` +
      'kp85x4katwsk9639we5n5yngc3yhqkm35jnjw4len8vrnqnf5ejh0mzj9n3vz2px97evektfm2l6wqccp3y7372',
    /needs feature 100/,
  ],
  ['wrong checksum', `lnbc2500u1${badChecksum}t`, /bech32/],
  ['no separator', `${badChecksum}y`, /bech32/],
  ['mixed case', `LNBC2500u1${badChecksum}y`, /bech32/],
  [
    'signature not recoverable',
    `lnbc2500u1pvjluez${hash}dq5xysxxatsyp3k7enxv4jsxqzpu${secret}9qrsgqwgt7mcn5yqw3yx0w94pswkpq6` +
      'j9uh6xfqqqtsk4tnarugeektd4hg5975x9am52rz4qskukxdmjemg92vvqz8nvmsye63r5ykel43pgz7zq0g2',
    /signature/,
  ],
  [
    'too short',
    `lnbc1pvjluez${hash}dpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6na6hlh`,
    /no amount|too short/,
  ],
  [
    'unknown multiplier',
    `lnbc2500x1pvjluez${hash}dq5xysxxatsyp3k7enxv4jsxqzpu${secret}9qrsgqrrzc4cvfue4zp3hggxp47ag7x` +
      'nrlr8vgcmkjxk3j5jqethnumgkpqp23z9jclu3v0a7e0aruz366e9wqdykw6dxhdzcjjhldxq0w6wgqcnu43j',
    /amount not understood/,
  ],
  [
    'a tenth of a millisatoshi',
    `lnbc2500000001p1pvjluez${hash}dq5xysxxatsyp3k7enxv4jsxqzpu${secret}9qrsgq0lzc236j96a95uv0m3u` +
      'mg28gclm5lqxtqqwk32uuk4k6673k6n5kfvx3d2h8s295fad45fdhmusm8sjudfhlf6dcsxmfvkeywmjdkxcp99202x',
    /whole number/,
  ],
  [
    'no payment secret',
    `lnbc20m1pvjluez${hash}${hashed}9qrsgq7ea976txfraylvgzuxs8kgcw23ezlrszfnh8r6qtfpr6cxga50aj6tx` +
      'm9rxrydzd06dfeawfk6swupvz4erwnyutnjq7x39ymw6j38gp49qdkj',
    /no payment secret/,
  ],
  [
    'high S with the key spelt out (and the secret twice)',
    `lnbc25m1p70xwfz${hash}dpl2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaqnp4q` +
      `0n326hr8v9zprg8gsvezcch06gfaqqhde2aj730yg0durunfhv66${secret}9qrsgq${secret}p5cfzp9ugllvk0` +
      '3rltd6hvndxj26ux6gcxc5azyxk060rj9tzghct5zvjlps76gx8wpq5yuu79688k8gnm2c0al6v608s96l0xzrrlqq' +
      'wnzxmu',
    /twice|bech32/,
  ],
  ['nothing', '', /bech32/],
  ['an address', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', /amount not understood/],
  ['a long text', `lnbc1${'q'.repeat(2_000)}`, /2005 characters/],
];

/** What light-bolt11-decoder, which checks no signature, reads in the same text. */
function readElsewhere(invoice: string): Partial<InvoiceFields> {
  const sections = new Map<string, unknown>(
    decodeElsewhere(invoice).sections.map((section) => [
      section.name,
      'value' in section ? section.value : undefined,
    ]),
  );
  return {
    paymentHash: hashOf(sections.get('payment_hash') as string),
    amountMsat: BigInt(sections.get('amount') as string),
    minFinalCltv: (sections.get('min_final_cltv_expiry') as number | undefined) ?? 18,
    timestampMs: (sections.get('timestamp') as number) * 1_000,
    expirySeconds: (sections.get('expiry') as number | undefined) ?? 3_600,
    description: (sections.get('description') as string | undefined) ?? '',
  };
}

describe('BOLT 11 examples', () => {
  test.each(valid)('$name', ({ invoice, fields }) => {
    expect(readInvoice(invoice)).toStrictEqual({ ...specFields, ...fields });
  });

  test.each(invalid)('%s -- INVOICE_MALFORMED', (_name, invoice, detail) => {
    expect(readInvoice(invoice)).toMatchObject({
      code: 'INVOICE_MALFORMED',
      detail: expect.stringMatching(detail) as string,
    });
  });
});

test.each(madeByLdk)('$name', ({ invoice, fields }) => {
  expect(readInvoice(invoice)).toStrictEqual({ ...ldkFields, ...fields });
});

test.each([...valid, ...madeByLdk].filter(({ name }) => !/ignored/.test(name)))(
  'another reader agrees -- $name',
  ({ invoice }) => {
    expect(readInvoice(invoice)).toMatchObject(readElsewhere(invoice.toLowerCase()));
  },
);

/** The same invoice with the other S that verifies too, and the recovery id that belongs to it. */
function withHighS(invoice: string): string {
  const { prefix, words } = bech32.decodeUnsafe(invoice, false)!;
  const signature = bech32.fromWords(words.slice(-104));
  const { n } = secp256k1.Point.CURVE();
  const s = BigInt(`0x${bytesToHex(signature.subarray(32, 64))}`);
  signature.set(hexToBytes((n - s).toString(16).padStart(64, '0')), 32);
  signature[64]! ^= 1;
  return bech32.encode(prefix, [...words.slice(0, -104), ...bech32.toWords(signature)], false);
}

describe('a signature with a high S', () => {
  test('recovers the key where it is not spelt out', () => {
    const { invoice, fields } = valid[0]!;
    expect(readInvoice(withHighS(invoice))).toStrictEqual({ ...specFields, ...fields });
  });

  test('is not canonical where the key is spelt out', () => {
    expect(readInvoice(withHighS(madeByLdk[0]!.invoice))).toMatchObject({
      code: 'INVOICE_MALFORMED',
      detail: 'signature does not verify',
    });
  });
});

describe('garbage', () => {
  test('any text gives fields or INVOICE_MALFORMED', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        expect(readInvoice(text)).toHaveProperty('code', 'INVOICE_MALFORMED');
      }),
    );
  });

  test('so do any words with a right checksum', () => {
    const start = bech32.decodeUnsafe(supports8and14and99, false)!;
    const words = fc.array(fc.nat(31), { maxLength: 300 });
    fc.assert(
      fc.property(fc.nat(start.words.length), words, (kept, rest) => {
        const text = bech32.encode(start.prefix, [...start.words.slice(0, kept), ...rest], false);
        const fields = readInvoice(text);
        // Any signature is somebody's, unless it is no point on the curve.
        if ('code' in fields) expect(fields.code).toBe('INVOICE_MALFORMED');
        else expect(fields.amountMsat).toBe(2_500_000_000n);
      }),
    );
  });

  test('one changed character is noticed', () => {
    const place = fc.nat(supports8and14and99.length - 1);
    fc.assert(
      fc.property(place, fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(character !== supports8and14and99[at]);
        const text =
          supports8and14and99.slice(0, at) + character + supports8and14and99.slice(at + 1);
        expect(readInvoice(text)).toHaveProperty('code', 'INVOICE_MALFORMED');
      }),
    );
  });
});

test('what the simulator writes is read', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => sha256(bytes));
  const invoices = fc.record({
    network: fc.constantFrom('mainnet', 'testnet', 'regtest'),
    paymentHash: key.map((bytes) => bytesToHex(bytes)),
    amountMsat: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    minFinalCltv: fc.integer({ min: 1, max: 2_016 }),
    timestampMs: fc.nat(2_000_000_000).map((seconds) => seconds * 1_000),
    expirySeconds: fc.integer({ min: 1, max: 1_000_000 }),
    description: fc.string({ unit: 'grapheme', maxLength: 60 }),
  });
  fc.assert(
    fc.property(invoices, key, key, (invoice, paymentSecret, secretKey) => {
      const payee = bytesToHex(secp256k1.getPublicKey(secretKey));
      const text = writeInvoice({ ...invoice, paymentSecret, secretKey });
      expect(readInvoice(text)).toStrictEqual({ ...invoice, payee });
    }),
    { numRuns: 30 },
  );
});
