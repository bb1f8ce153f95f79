/**
 * `docs/protocol.md` against the code: its worked example is computed again, and every state of every machine is in its table.
 * `npm run docs` keeps the tables of faults, limits and words.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '../src/lib/protocol/index.ts';
import * as chain from '../src/lib/protocol/job/payment-chain.ts';
import { planOf } from '../src/lib/protocol/job/topic.ts';
import { topic } from './protocol/cast.ts';

const root = join(import.meta.dirname, '..');
const file = join(root, 'docs/protocol.md');
const core = (name: string) => readFileSync(join(root, 'src/lib/protocol', name), 'utf8');

const between = (name: string) =>
  new RegExp(`(<!-- ${name} -->\n\n?)([\\s\\S]*?)(<!-- /${name} -->)`);
const block = (name: string) => between(name).exec(readFileSync(file, 'utf8'))![2]!.trim();

describe('docs/protocol.md', () => {
  test('has an example that comes out as it says [PAY-04, PAY-08]', () => {
    const height = 800_000;
    const wallet = (asked: number) => asked + limits.finalCltvSlack;
    const ride = { ...topic, dropoffBeforeMs: 2 * 3_600_000, pickupAfterMs: 0 };
    const heights = chain.planHeights(height, planOf(ride, 0).blocks);
    expect(Object.values(heights)).toEqual([800_012, 800_018, 800_019, 800_036, 800_072]);
    const policy = { feeMsat: 0n, lossCapMsat: 1_000_000n, shadowBlocks: 0 };
    const rows: (string | number | bigint)[][] = [];
    let [msat, asked] = [10_000n, chain.settlerFinalCltv(heights, 'service', height)];
    rows.push(['settler', msat, asked, wallet(asked)]);
    for (const name of ['first hop', 'second hop']) {
      const next = chain.nextInvoice({ amountMsat: msat, minFinalCltv: wallet(asked) }, policy)!;
      [msat, asked] = [next.amountMsat, next.minFinalCltv];
      rows.push([name, msat, asked, wallet(asked)]);
    }
    const replier = chain.replierFinalCltv(heights, heights.unlockBy - limits.unlockBlocks);
    rows.push(['replier, for the gig', '', replier, wallet(replier)]);
    const said = block('example').split('\n').slice(2);
    const cells = said.map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
    expect(cells).toEqual(rows.map((row) => row.map(String)));
    const third = { amountMsat: msat, minFinalCltv: wallet(asked) };
    expect(chain.nextInvoice(third, policy)).toMatchObject({ minFinalCltv: 582 });
    expect(chain.nextInvoice({ ...third, minFinalCltv: 585 }, policy)).toBeNull();
    const unknown = { ...policy, shadowBlocks: limits.shadowBlocks };
    const first = chain.nextInvoice({ amountMsat: 10_000n, minFinalCltv: 120 }, unknown)!;
    expect(first.minFinalCltv).toBe(392);
    expect(chain.nextInvoice({ ...first, minFinalCltv: 395 }, unknown)).toBeNull();
  });

  const machines = {
    originator: 'Originator, one machine',
    middleman: 'Middleman, one machine',
    'favour-sold': "The middleman's side of it, one machine",
    'favour-bought': 'And whoever pays, one machine',
    leg: '### 11.6 A leg',
    'settler-states': 'Settler, one for each promise',
    'sender-states': 'Sender, one for each job',
    'replier-states': 'Replier, one for each route of an offer',
    'thank-you-sender': 'Sender, one for each reply',
    'thank-you-replier': 'Replier, one for each reply',
  };
  test.each(Object.entries(machines))('has every state of %s', (name, heading) => {
    const union =
      /export type (?:Ask|Passage|FavourSold|FavourBought|Leg|Settlement|Job|OfferMade|ThankYou|UnsettledOffer) =\n([\s\S]*?);\n\n/;
    const source = union.exec(core(`roles/${name}.ts`))![1]!;
    const states = [...source.matchAll(/state: '(\w+)'/g)].map(([, state]) => state!);
    expect(states.length).toBeGreaterThan(1);
    const [, after = ''] = readFileSync(file, 'utf8').split(heading);
    const rows = after.slice(after.indexOf('|')).split('\n\n')[0]!;
    for (const state of states) expect(rows).toMatch(new RegExp(`\\b${state}\\b`));
    const said = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    for (const state of states) expect(said).toMatch(new RegExp(`\\b${state}\\b`));
  });
});
