/**
 * What the screens know of their node. Every notice carries a whole view that replaces the former one of its id, so the
 * model is a few maps and no history. Commands go to the node; its refusals come back as `rejected` and are kept per kind
 * of command until the next try.
 */
import { SvelteMap } from 'svelte/reactivity';
import type { AppLink } from './app-link.ts';
import type {
  ApplicationId,
  CarriedView,
  Command,
  FaultCode,
  HeardEnd,
  HeardView,
  JobView,
  Applicant,
  MembershipView,
  NodeView,
  Notice,
  OfferId,
  OfferMadeView,
  OwnMembershipView,
  PartyKey,
  PayloadId,
  PaymentHash,
  PeerKey,
  PeerView,
  PromiseId,
  RejectionCode,
  ReplyDigest,
  SettlementView,
  SettlerView,
  ThankYouView,
  UnsettledOfferView,
  WalletView,
} from './types.ts';

export type CommandName = Command['command'];

export interface Rejection {
  readonly code: RejectionCode;
  readonly detail: string;
}

export interface FaultSeen {
  readonly code: FaultCode;
  readonly peer: PeerKey;
  readonly detail: string;
  readonly atMs: number;
}

/** Faults kept for the node screen. */
const mostFaults = 50;
/** Ends of heard jobs kept for who still looks at one. */
const mostGone = 100;
/** Commands kept while the node starts. */
const mostWaiting = 32;

const noWallet: WalletView = {
  state: 'none',
  alias: '',
  network: '',
  canHold: false,
  relays: 'untried',
  shadowBlocks: null,
  balanceMsat: 0n,
  height: 0,
  code: null,
};

export class NodeModel {
  /** null until the node has spoken. */
  node: NodeView | null = $state.raw(null);
  wallet: WalletView = $state.raw(noWallet);
  faults: readonly FaultSeen[] = $state.raw([]);
  /** Why the node stopped for good, null while it runs. */
  stopped: string | null = $state(null);

  readonly peers = new SvelteMap<PeerKey, PeerView>();
  readonly settlers = new SvelteMap<PartyKey, SettlerView>();
  readonly jobs = new SvelteMap<PayloadId, JobView>();
  readonly heard = new SvelteMap<PayloadId, HeardView>();
  /** Why jobs that were heard are gone, the latest of them. */
  readonly gone = new SvelteMap<PayloadId, HeardEnd>();
  readonly offers = new SvelteMap<OfferId, OfferMadeView>();
  /** Without a settler: replies to our jobs, and replies of ours. */
  readonly thankYous = new SvelteMap<ReplyDigest, ThankYouView>();
  readonly replies = new SvelteMap<OfferId, UnsettledOfferView>();
  readonly carried = new SvelteMap<PaymentHash, CarriedView>();
  readonly memberships = new SvelteMap<ApplicationId, MembershipView>();
  readonly settlements = new SvelteMap<PromiseId, SettlementView>();
  readonly rejections = new SvelteMap<CommandName, Rejection>();

  readonly connectedPeers = $derived([...this.peers.values()].filter((peer) => peer.connected));

  /** Sees every command on its way to the node. */
  onsend: ((command: Command) => void) | null = null;

  #link: AppLink | null = null;
  #waiting: Command[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes the node over: hears it from now on and passes it what was asked meanwhile. */
  attach(link: AppLink): void {
    this.#link = link;
    link.listen((notice) => {
      this.apply(notice);
    });
    for (const command of this.#waiting) link.send(command);
    this.#waiting = [];
  }

  send(command: Command): void {
    this.rejections.delete(command.command);
    this.onsend?.(command);
    if (this.#link) this.#link.send(command);
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(command);
  }

  /** Forgets a refusal, for instance when its screen is left or its field is edited. */
  forgive(command: CommandName): void {
    this.rejections.delete(command);
  }

  apply(notice: Notice): void {
    switch (notice.view) {
      case 'node':
        this.node = notice.node;
        return;
      case 'wallet':
        this.wallet = notice.wallet;
        return;
      case 'peer':
        this.peers.set(notice.peer.peer, notice.peer);
        return;
      case 'settler':
        this.settlers.set(notice.settler.root, notice.settler);
        return;
      case 'settlerRemoved':
        this.settlers.delete(notice.root);
        return;
      case 'job':
        this.jobs.set(notice.job.payloadId, notice.job);
        return;
      case 'heard':
        this.heard.set(notice.heard.payloadId, notice.heard);
        return;
      case 'heardGone':
        this.heard.delete(notice.payloadId);
        this.gone.set(notice.payloadId, notice.reason);
        if (this.gone.size > mostGone) this.gone.delete(this.gone.keys().next().value!);
        return;
      case 'offerMade':
        this.offers.set(notice.offer.offerId, notice.offer);
        return;
      case 'thankYou':
        this.thankYous.set(notice.thankYou.digest, notice.thankYou);
        return;
      case 'unsettledOffer':
        this.replies.set(notice.offer.offerId, notice.offer);
        return;
      case 'carried':
        this.carried.set(notice.carried.paymentHash, notice.carried);
        return;
      case 'membership':
        this.memberships.set(notice.membership.applicationId, notice.membership);
        return;
      case 'settlement':
        this.settlements.set(notice.settlement.promiseId, notice.settlement);
        return;
      case 'fault': {
        const { code, peer, detail } = notice;
        this.faults = [{ code, peer, detail, atMs: this.#now() }, ...this.faults].slice(
          0,
          mostFaults,
        );
        return;
      }
      case 'stopped':
        this.stopped = notice.reason;
        return;
      case 'rejected':
        this.rejections.set(notice.command, { code: notice.code, detail: notice.detail });
        return;
    }
  }

  /** The membership whose certificates entitle this node to hire or to work at `nowMs`, and its settler; or null. */
  vouched(
    name: Applicant,
    nowMs: number,
  ): { readonly settler: SettlerView; readonly membership: OwnMembershipView } | null {
    for (const settler of this.settlers.values()) {
      for (const membership of settler.memberships) {
        const { state, left, notValidBeforeMs, notValidAfterMs } = membership;
        const holds = state === 'active' && notValidBeforeMs <= nowMs && nowMs < notValidAfterMs;
        if (membership.name === name && holds && left > 0) return { settler, membership };
      }
    }
    return null;
  }

  /** Our offer for a heard job, if there is one that has not ended. */
  offerFor(payloadId: PayloadId): OfferMadeView | null {
    for (const offer of this.offers.values()) {
      if (offer.payloadId === payloadId && offer.stage !== 'withdrawn' && offer.stage !== 'failed')
        return offer;
    }
    return null;
  }

  /** Our reply without a settler to a heard job, if something may still come of it. */
  replyFor(payloadId: PayloadId): UnsettledOfferView | null {
    for (const reply of this.replies.values()) {
      if (reply.payloadId === payloadId && reply.stage !== 'ended') return reply;
    }
    return null;
  }

  /** Money of ours that somebody still holds or that is on its way. What a settler settles for others is not its own. */
  readonly heldMsat = $derived.by(() => {
    const own = [
      ...this.jobs.values(),
      ...this.offers.values(),
      ...this.replies.values(),
      ...this.carried.values(),
    ];
    const fees = [...this.settlements.values()].flatMap(({ payments }) =>
      payments.filter((payment) => payment.purpose === 'network'),
    );
    return [...own.flatMap(({ payments }) => payments), ...fees]
      .filter((payment) => payment.state === 'accepted' || payment.state === 'pending')
      .reduce((sum, payment) => sum + payment.amountMsat, 0n);
  });
}
