/**
 * The owner's rules: how this node treats others. The protocol fixes little; what is carried, for how much work or money, to how
 * many and how often, is each owner's choice. Whitepaper: "each node owner is free to set the policy".
 */
import type { Network } from './crypto.ts';
import type { PeerKey } from './ids.ts';
import type { PowScheme } from './job/proof-of-work.ts';
import { limits } from './limits.ts';
import { topicKinds, type Property, type TopicKind } from './wire/messages.ts';

/** On which conditions a kind of topic is carried. */
export interface CarryRule {
  /** Carry other people's jobs. Who carries nothing at all carries no kind. */
  readonly carry: boolean;
  /** Memory-hard work costs at least one attempt. */
  readonly workScheme: PowScheme;
  /** Work asked of an originator when it is quiet, ms of the reference phone (`job/difficulty.ts`). */
  readonly workMs: number;
  /** What may be paid in place of that work, msat; 0: nothing, only work counts. It rises as the work does. */
  readonly priceMsat: bigint;
  /** What this node adds to a reply it carries. */
  readonly feeMsat: bigint;
  /** Most that this node and everybody behind it add together: what it quotes, and is bound by. */
  readonly routeFeeMsat: bigint;
}

export interface Policy extends CarryRule {
  /** Kinds of job the owner wants to be shown; what else is heard is only carried. */
  readonly interests: readonly TopicKind[];
  /** Pass on what the owner wants to be shown, too: who keeps it to itself only answers it. */
  readonly carryWanted: boolean;
  /** Post jobs that also take replies without a settler, and make such replies. */
  readonly withoutSettler: boolean;
  /** Peers gossip is limited to; null means everybody. For tests and private networks. */
  readonly allowPeers: readonly PeerKey[] | null;
  /** Rules that differ for a kind of topic, by its name. */
  readonly kinds: Readonly<Partial<Record<TopicKind, Partial<CarryRule>>>>;
  /** Neighbours one topic is offered to at a time. */
  readonly fanout: number;
  /** The paper's multibroadcast number: how many times the same topic is sent on, each time with another way home. */
  readonly multibroadcast: number;
  /** Most work this node does for one neighbour, ms that this device needs for it on average. */
  readonly maxWorkMs: number;
  /** Most this node pays one neighbour in place of work, and in a day, msat; 0: it works. */
  readonly maxPayMsat: bigint;
  readonly maxPayPerDayMsat: bigint;
  /** It pays only where this device would work for longer than this, ms. */
  readonly payAboveMs: number;
  /** Neighbours that quote more for a route are not asked to carry. */
  readonly maxRouteFeeMsat: bigint;
  /** Most this node pays onward in one leg. */
  readonly lossCapMsat: bigint;
  /** Blocks this wallet's payments may last longer than asked, if the owner knows; null: as the wallet says. */
  readonly shadowBlocks: number | null;
  /** Settler role: issue certificates without asking the owner. */
  readonly approveAutomatically: boolean;
  /** Settler role: what it says it checked of those it approves so, of what may be said of them. */
  readonly approveWith: readonly Property[];
  /** Settler role: settle as soon as the customer confirms. */
  readonly settleAutomatically: boolean;
  /** Settler role: when the network is paid; `asked` leaves it to the worker, within what the kind of job allows. */
  readonly settleOn: 'asked' | 'service';
  /** Settler role: own network fee. */
  readonly settlerFeeMsat: bigint;
}

export const defaultPolicy: Policy = {
  allowPeers: null,
  carry: true,
  interests: topicKinds,
  carryWanted: true,
  withoutSettler: false,
  workScheme: 'sha256',
  workMs: 256,
  priceMsat: 0n,
  feeMsat: 11_000n,
  routeFeeMsat: 100_000n,
  kinds: {},
  fanout: 8,
  multibroadcast: 2,
  maxWorkMs: 60_000,
  maxPayMsat: 0n,
  maxPayPerDayMsat: 0n,
  payAboveMs: 2_000,
  maxRouteFeeMsat: 1_000_000n,
  lossCapMsat: 1_000_000n,
  shadowBlocks: null,
  approveAutomatically: false,
  approveWith: [],
  settleAutomatically: true,
  settleOn: 'asked',
  settlerFeeMsat: 10_000n,
};

/** A practice network lives on one machine, which works for everybody in it. */
export function defaultPolicyOn(network: Network): Policy {
  return network === 'regtest' ? { ...defaultPolicy, workMs: 1 } : defaultPolicy;
}

/** The rule for one kind of topic: the common one, changed by what is said of that kind. */
export function ruleFor(policy: Policy, kind: TopicKind | null): CarryRule {
  const { carry, workScheme, workMs, priceMsat, feeMsat, routeFeeMsat } = policy;
  const own = kind === null ? {} : policy.kinds[kind];
  return { carry, workScheme, workMs, priceMsat, feeMsat, routeFeeMsat, ...own };
}

/** What is wrong with a policy; null if nothing is. */
export function policyProblem(policy: Policy): 'AMOUNT_TOO_SMALL' | 'AMOUNT_TOO_LARGE' | null {
  const { fanout, multibroadcast, maxWorkMs, maxRouteFeeMsat, lossCapMsat } = policy;
  const rules = [policy, ...topicKinds.map((kind) => ruleFor(policy, kind))];
  const amounts = [
    ...rules.flatMap(({ feeMsat, routeFeeMsat, priceMsat }) => [feeMsat, routeFeeMsat, priceMsat]),
    policy.maxPayMsat,
    policy.maxPayPerDayMsat,
    maxRouteFeeMsat,
    lossCapMsat,
    policy.settlerFeeMsat,
  ];
  const times: readonly (readonly [value: number, most: number])[] = [
    ...rules.map(({ workMs }) => [workMs, limits.maxWorkMs] as const),
    [maxWorkMs, limits.longestAskMs],
    [policy.payAboveMs, limits.longestAskMs],
  ];
  const numbers: readonly (readonly [value: number, least: number, most: number])[] = [
    [fanout, 1, limits.maxFanout],
    [multibroadcast, 1, limits.maxMultibroadcast],
    [policy.shadowBlocks ?? 0, 0, limits.maxFinalCltv],
  ];
  const tooSmall =
    amounts.some((amount) => amount < 0n) ||
    policy.settlerFeeMsat < limits.minPriceMsat ||
    rules.some(({ feeMsat, routeFeeMsat }) => routeFeeMsat < feeMsat) ||
    rules.some(({ priceMsat }) => priceMsat !== 0n && priceMsat < limits.minPriceMsat) ||
    times.some(([value]) => !(value >= 0)) ||
    numbers.some(([value, least]) => !Number.isInteger(value) || value < least);
  if (tooSmall) return 'AMOUNT_TOO_SMALL';
  const tooLarge =
    amounts.some((amount) => amount > limits.maxPriceMsat) ||
    times.some(([value, most]) => value > most) ||
    numbers.some(([value, , most]) => value > most);
  return tooLarge ? 'AMOUNT_TOO_LARGE' : null;
}
