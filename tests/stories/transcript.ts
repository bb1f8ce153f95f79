/**
 * A story as text: who said what to whom, what wallets were asked, and what people saw, under a virtual clock. `npm run stories
 * -- --write` rewrites the texts; a change in one is committed only with a reason.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Frame, Notice, WalletEffect } from '../../src/lib/protocol/index.ts';
import { startMs, prepareRide, type Ride } from './ride.ts';

/** Runs a story twice and wants the same bytes, then compares them with the text on file. */
export function tell(name: string, story: (ride: Ride) => void): void {
  const [once, again] = [run(name, story), run(name, story)];
  expect(again).toBe(once);
  const file = join(import.meta.dirname, `${name}.txt`);
  if (process.env.WRITE_STORIES) writeFileSync(file, once);
  expect(once).toBe(readFileSync(file, 'utf8'));
}

function run(name: string, story: (ride: Ride) => void): string {
  const lines: string[] = [];
  const stages = new Map<string, string>();
  let ride: Ride | null = null;
  const say = (line: string) => {
    if (ride === null) return; // what comes before the story is the same in all of them
    const seconds = ((ride.world.clock.now() - startMs) / 1_000).toFixed(2);
    lines.push(`${seconds.padStart(8)}  ${line}`);
  };
  const told = prepareRide(name, {
    frame(from, to, frame) {
      const receiver = ride?.people.find(({ peer }) => peer === to)?.name ?? '?';
      if (frame.kind !== 'hello') say(`${from} -> ${receiver}: ${frameWords(frame)}`);
    },
    wallet: (person, effect) => say(`${person}'s wallet: ${walletWords(effect)}`),
    notice(person, notice) {
      const stage = noticeWords(notice);
      if (stage === null || stages.get(`${person} ${notice.view}`) === stage) return;
      stages.set(`${person} ${notice.view}`, stage);
      say(`${person} sees: ${stage}`);
    },
  });
  ride = told;
  const before = told.world.ledger.balances();
  story(told);
  const after = told.world.ledger.balances();
  const changes = told.people.map(({ name: who }) => {
    const change = ((after[who] ?? 0n) - (before[who] ?? 0n)) / 1_000n;
    return `${who} ${change > 0n ? '+' : ''}${change}`;
  });
  const inFlight = told.world.ledger.inFlight().length;
  return `${lines.join('\n')}\n\nSats: ${changes.join(', ')}; ${inFlight} payments in flight\n`;
}

function frameWords(frame: Frame): string {
  if (frame.kind !== 'statements') return frame.kind;
  const said = Object.entries(frame).filter(
    ([key, value]) => key !== 'kind' && key !== 'promiseId' && value !== null,
  );
  return said.length === 0 ? 'statements: none yet' : said.map(([key]) => key).join(', ');
}

function walletWords(effect: WalletEffect): string {
  const { do: what } = effect;
  if (what === 'payInvoice')
    return `${effect.mayBegin ? 'pay' : 'look for a payment of'} ${effect.amountMsat / 1_000n} sats`;
  if (what !== 'issueInvoice') return what.replace('Invoice', '');
  return `invoice ${effect.amountMsat / 1_000n} sats, ${effect.minFinalCltv} blocks`;
}

function noticeWords(notice: Notice): string | null {
  switch (notice.view) {
    case 'job': {
      const { stage, offers, contactText } = notice.job;
      const contact = contactText === null ? '' : `, contact "${contactText}"`;
      return `the job is ${stage}, ${offers.length} offers${contact}`;
    }
    case 'heard':
      return `a job is heard${notice.heard.offered ? ', offered for' : ''}`;
    case 'offerMade':
      return `the offer is ${notice.offer.stage}`;
    case 'thankYou': {
      const { stage, contactText, validated } = notice.thankYou;
      const contact = contactText === null ? '' : `, contact "${contactText}"`;
      return `the thank you is ${stage}${contact}${validated ? ', validated' : ''}`;
    }
    case 'unsettledOffer':
      return `the reply without a settler is ${notice.offer.stage}`;
    case 'carried':
      return `the reply carried is ${notice.carried.state}`;
    case 'settlement':
      return `the promise is ${notice.settlement.stage}`;
    case 'fault':
      return `fault ${notice.code}`;
    case 'rejected':
      return `rejected ${notice.code}`;
    case 'stopped':
      return `stopped: ${notice.reason}`;
    default:
      return null;
  }
}
