/** The desk's sentences that are made of a case: how long is left, what silence does, what a decision does to every sat. */
import { duration, sats } from '../format.ts';
import { later } from '../i18n/later.ts';
import type { NodeView, SettlementView } from '../types.ts';
import { endingOf, ifNobodyActs, type Decision } from './outcomes.ts';

/** Ten minutes, what a block takes on average. */
const blockMs = 600_000;

/** "12 blocks left, about 2 h"; on regtest, whose blocks come when somebody makes them, the blocks alone. */
export function leftWords(blocks: number, network: NodeView['network']): string {
  return later.cases.left(blocks, network === 'regtest' ? '' : duration(blocks * blockMs));
}

export function silenceWords(one: SettlementView, when: (height: number) => string): string {
  const say = later.cases.silence;
  const silence = ifNobodyActs(one);
  if (silence.then === 'over' || silence.then === 'lapses') return say[silence.then];
  return say[silence.then](when(silence.height));
}

/** The button's words: what it does to the money. */
export function decisionWords(one: SettlementView, decision: Decision): string {
  const say = later.cases.decide;
  const gig = sats(one.gigAmountMsat);
  switch (decision) {
    case 'rulePaid':
      return say.rulePaid(gig);
    case 'ruleRefunded':
      return say.ruleRefunded(gig);
    case 'ruleAllBack':
      return say.ruleAllBack(sats(one.gigAmountMsat + one.networkFeeMsat));
    case 'settle':
      return one.stage === 'confirmed' ? say.settle(gig) : say.settleFee(sats(one.networkFeeMsat));
    case 'abort':
      return say.abort;
  }
}

/** Where every sat goes, a sentence each. */
export function endingWords(one: SettlementView, decision: Decision): readonly string[] {
  const { gig, network } = endingOf(one, decision);
  const say = later.cases.decide;
  const [price, fee] = [sats(one.gigAmountMsat), sats(one.networkFeeMsat)];
  return [
    gig === 'neverLocked' ? say.gig.neverLocked : say.gig[gig](price),
    network === 'neverLocked' ? say.network.neverLocked : say.network[network](fee),
  ];
}
