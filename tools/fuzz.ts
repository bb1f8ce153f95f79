/**
 * `npm run fuzz -- [--decodes N] [--recvs N] [--seed N] [--plain] [--json]`: hostile bytes into every decoder, hostile frames into nodes in
 * the middle of rides. Stops at the first throw, step without end, broken money rule or state that outgrew its bounds, and says
 * how to repeat it. The same seed does the same. Cryptography remembers, as in the simulator of money, which makes it four times as
 * fast; `--plain` does without, as `npm test` does.
 */
import { parseArgs } from 'node:util';

// A refused message is an error inside the codec: where it was made is nobody's concern here, and costs most of the time.
Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    decodes: { type: 'string', default: '200000' },
    recvs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
// Before the core is loaded, which this replaces the cryptography of.
if (!values.plain) await import('../src/simulator/money/hooks.ts');
const { decodeOnce, newDecoded } = await import('../tests/fuzz/decodes.ts');
const { Dice } = await import('../tests/fuzz/dice.ts');
const { flood, newFlooded } = await import('../tests/fuzz/floods.ts');
const { newForger, newReceived, tellOne, turnFrames } = await import('../tests/fuzz/recvs.ts');

const seed = Number(values.seed);
/** Of the frames told to nodes: one in fifty is new to it and true, so that whatever it keeps grows. */
const floodShare = 50;

function timed(work: () => number): { readonly count: number; readonly perSecond: number } {
  const startMs = performance.now();
  const count = work();
  return { count, perSecond: Math.round(count / ((performance.now() - startMs) / 1_000)) };
}

function progress(what: string, done: number, of: number): void {
  const every = Math.max(1, Math.floor(of / 10));
  if (!values.json && done % every === 0) console.log(`${what}: ${done} of ${of}`);
}

const decoded = newDecoded();
const decodes = timed(() => {
  const dice = new Dice(seed, 1);
  const wanted = Number(values.decodes);
  while (decoded.decodes < wanted) {
    decodeOnce(dice, decoded);
    progress('decodes', decoded.decodes, wanted);
  }
  return decoded.decodes;
});

const received = newReceived();
const flooded = newFlooded();
const recvs = timed(() => {
  const wanted = Number(values.recvs);
  const forger = newForger(new Dice(seed, 2));
  flood(new Dice(seed, 3), flooded, Math.floor(wanted / floodShare));
  const rest = wanted - flooded.recvs;
  while (received.recvs < rest) {
    tellOne(forger, received, Math.min(turnFrames, rest - received.recvs));
    progress('recvs', received.recvs, rest);
  }
  return received.recvs + flooded.recvs;
});

const heapBytes = process.memoryUsage().heapUsed;
if (values.json) {
  console.log(JSON.stringify({ seed, decodes, decoded, recvs, received, flooded, heapBytes }));
} else {
  const { accepted, bytes } = decoded;
  console.log(
    `${decodes.count} decodes (${decodes.perSecond}/s, ${bytes} bytes, ${accepted} accepted)`,
  );
  console.log(`${recvs.count} recvs (${recvs.perSecond}/s, ${received.nodes} nodes)`);
  const touched = Math.max(received.mostTouched, flooded.mostTouched);
  console.log(`most of one step: ${touched} entries touched, ${received.mostEffects} effects`);
  const most = Math.max(received.mostBytes, flooded.mostBytes);
  console.log(`largest state: ${most} bytes; heap at the end: ${heapBytes} bytes`);
  console.log('no throw, no broken money rule, nothing outgrown');
}
