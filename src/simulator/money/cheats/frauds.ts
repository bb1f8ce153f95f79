/** Lies that can be proven of who tells them, and false proofs of those who told none. */
import {
  DraftRequest,
  equivocation,
  hash,
  isFault,
  limits,
  lockFraud,
  missingRuling,
  Outcome,
  partySecret,
  publicKeyOf,
  readStored,
  RevocationHead,
  sealFraud,
  SettlementPromise,
  signBody,
  signingSecret,
  statementsFrame,
  subSecret,
  Terms,
  toStored,
  twoLists,
  Unlock,
  type FraudFrame,
  type FrameOf,
  type KeyName,
  type Signed,
  type StoreEntry,
} from '../../../lib/protocol/index.ts';
import {
  by,
  dealOf,
  nobodySays,
  settlerSays,
  stored,
  type Cheat,
  type StoredJob,
  type Tools,
} from './cheat.ts';

/** Settler: promises every offer on the payment hash of its first. */
export function promisesTwice(tools: Tools): Cheat {
  let first: FrameOf<'draft'> | null = null;
  return {
    out(frame, _to, pass) {
      if (frame.kind === 'draft') {
        first ??= frame;
        const { networkPaymentHash, networkInvoice } = first;
        return pass({ ...frame, networkPaymentHash, networkInvoice });
      }
      if (frame.kind !== 'promise' || first === null) return pass(frame);
      const promise = SettlementPromise.decodeCanonical(frame.promise.body);
      const deal = isFault(promise) ? undefined : dealOf(tools, promise.promiseId);
      if (isFault(promise) || !deal) return pass(frame);
      const { networkPaymentHash } = first;
      const type = 'promise' as const;
      const signer = by(tools, signingSecret(tools.secret, deal.epoch));
      const body = { ...promise, networkPaymentHash };
      pass({ ...frame, promise: signBody(SettlementPromise, body, { type, ...signer }) });
    },
  };
}

/** Settler: whatever it says for good, it says the opposite as well, to the same peer. */
export function contradictsItself(tools: Tools): Cheat {
  return {
    out(frame, to, pass) {
      pass(frame);
      const deal = frame.kind === 'statements' ? dealOf(tools, frame.promiseId) : undefined;
      if (frame.kind !== 'statements' || !deal) return;
      const { promiseId } = deal;
      const about = { promiseId, height: tools.height() };
      const { unlock, abort, outcome } = frame;
      const say = (said: Parameters<typeof statementsFrame>[1]) =>
        tools.later(tools.dice(3_000), () => tools.say(to, statementsFrame(promiseId, said)));
      if (unlock) say({ abort: settlerSays(tools, deal, 'abort', { ...about, reason: 'sender' }) });
      if (abort) {
        const { unlockingKey } = deal;
        say({ unlock: settlerSays(tools, deal, 'unlock', { ...about, unlockingKey }) });
      }
      const said = outcome && Outcome.decodeCanonical(outcome.body);
      if (!said || isFault(said)) return;
      const gig = said.gig === 'paid' ? 'refunded' : 'paid';
      say({ outcome: settlerSays(tools, deal, 'outcome', { ...said, gig, network: 'paid' }) });
    },
  };
}

/** Settler: one list for these, another for those, under one number. */
export function publishesTwoLists(tools: Tools): Cheat {
  const root = subSecret(tools.secret, 'settler-root');
  return {
    out(frame, to, pass) {
      const odd = (to.charCodeAt(10) & 1) === 1;
      const isInfo = frame.kind === 'settlerInfo' || frame.kind === 'promise';
      if (!isInfo || !odd) return pass(frame);
      const body = RevocationHead.decodeCanonical(frame.revocationHead.body);
      if (isFault(body)) return pass(frame);
      const other = { ...body, listRoot: '00'.repeat(32) };
      const type = 'revocation-head' as const;
      const revocationHead = signBody(RevocationHead, other, { type, ...by(tools, root) });
      pass({ ...frame, revocationHead });
    },
  };
}

/**
 * Worker: seals rubbish. Its honest core would not: it is given a draft for what it sealed itself, and finds the settler's true
 * one in its memory when its device starts again.
 */
export function sealsBadly(tools: Tools): Cheat {
  const rubbish = Buffer.alloc(200, 7);
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'draftRequest') return pass(frame);
      const body = DraftRequest.decodeCanonical(frame.request.body);
      const secret = isFault(body) ? null : keyOf(tools, body.replierCertificate);
      if (isFault(body) || secret === null) return pass(frame);
      tools.kept.set(`sealed ${body.draftId}`, body.sealedReplyMessage);
      const altered = { ...body, sealedReplyMessage: new Uint8Array(rubbish) };
      const type = 'draft-request' as const;
      const request = signBody(DraftRequest, altered, { type, ...by(tools, secret) });
      pass({ kind: 'draftRequest', request });
    },
    in(frame, _from, pass) {
      const sealed =
        frame.kind === 'draft' && (tools.kept.get(`sealed ${frame.draftId}`) as Uint8Array);
      const terms = frame.kind === 'draft' ? Terms.decodeCanonical(frame.terms) : null;
      if (frame.kind !== 'draft' || !sealed || terms === null || isFault(terms)) return pass();
      tools.kept.set(`draft ${frame.draftId}`, frame);
      const own = { ...terms, sealedMessageHash: Buffer.from(hash(sealed)).toString('hex') };
      pass({ ...frame, terms: Terms.encode(own) });
    },
    wallet(effect, pass) {
      const drafts = [...tools.kept.keys()].filter((key) => key.startsWith('draft '));
      const fresh = drafts.filter((key) => !tools.kept.has(`restarted for ${key}`));
      if (effect.do !== 'issueInvoice' || fresh.length === 0) return pass(effect);
      for (const key of fresh) tools.kept.set(`restarted for ${key}`, true);
      tools.restart();
    },
    loaded: (entries) => entries.map((entry) => withTrueDraft(tools, entry, rubbish)),
  };
}

function withTrueDraft(tools: Tools, entry: StoreEntry, rubbish: Uint8Array): StoreEntry {
  if (!entry.key.startsWith('offer/') || entry.value === null) return entry;
  const made = readStored<{ state: string; offer: { draftId: string } }>(entry.value);
  const draft = tools.kept.get(`draft ${made.offer.draftId}`) as FrameOf<'draft'> | undefined;
  const terms = draft && Terms.decodeCanonical(draft.terms);
  if (made.state !== 'Invoicing' || !terms || isFault(terms)) return entry;
  tools.kept.delete(`draft ${made.offer.draftId}`);
  const offer = { ...made.offer, sealedMessage: new Uint8Array(rubbish) };
  return { ...entry, value: toStored({ ...made, offer, draft, terms }) };
}

/** The secret of the job key that a chain ends in, among those of its memberships. */
function keyOf(tools: Tools, chain: DraftRequest['replierCertificate']): Uint8Array | null {
  const [leaf] = chain;
  for (const own of stored<{ applicationId: string; batch: number }>(tools, 'member')) {
    for (let index = 0; index < limits.batch; index++) {
      const name = `${own.applicationId}/${own.batch}/${index}` as KeyName;
      const secret = partySecret(tools, name);
      const body = Buffer.from(leaf?.body ?? []);
      if (body.includes(Buffer.from(publicKeyOf(secret), 'hex'))) return secret;
    }
  }
  return null;
}

type Statements = FrameOf<'statements'>;

/** Whoever: makes proofs of lies that nobody told, out of what those it accuses really signed. */
export function accuses(tools: Tools): Cheat {
  const promises = new Map<string, Signed>();
  const said = new Map<string, Partial<Statements>>();
  const infos: FrameOf<'settlerInfo'>[] = [];

  function learn(frame: Statements): void {
    const news = Object.entries(frame).filter(([, value]) => value !== null);
    said.set(frame.promiseId, { ...said.get(frame.promiseId), ...Object.fromEntries(news) });
  }

  function accuse(): void {
    const made = accusation();
    if (made === null) return;
    const peers = tools.peers();
    for (let i = Math.min(peers.length, 3); i > 0; i--) tools.say(tools.dice.pick(peers), made);
  }

  function accusation(): FraudFrame | null {
    if (promises.size === 0 || said.size === 0) return null;
    const [promiseId, promise] = tools.dice.pick([...promises]);
    const own = said.get(promiseId) ?? {};
    const [otherId, other] = tools.dice.pick([...said]);
    const invented = { promiseId: promiseId as never, height: tools.height() };
    const words = { random: by(tools, tools.secret).random };
    const { unlock = null, outcome = null, abort = null } = own;
    const kind = tools.dice(9);
    if (kind === 0) {
      return equivocation(promise, {
        unlock: unlock ?? other.unlock ?? null,
        abort: other.abort ?? nobodySays(tools, 'abort', { ...invented, reason: 'sender' }),
      });
    }
    if (kind === 1) return equivocation(promise, { outcome, otherOutcome: other.outcome ?? null });
    if (kind === 2) {
      return equivocation(promise, { otherPromise: promises.get(otherId) ?? promise });
    }
    if (kind === 3) {
      const networkPreimage = other.networkPreimage ?? words.random(32);
      return equivocation(promise, { outcome: outcome ?? other.outcome ?? null, networkPreimage });
    }
    if (kind === 4) return equivocation(promise, { unlock, abort: abort ?? other.abort ?? null });
    if (kind === 5) return ruling(promise, { ...other, ...own });
    if (kind === 6) return ruling(promise, tools.dice.pick([other, own]));
    if (kind === 7) return lists();
    return contact(promiseId);
  }

  function ruling(promise: Signed, from: Partial<Statements>): FraudFrame | null {
    const { claimReceipt, senderDisputeReceipt, replierDisputeReceipt, noContactReceipt } = from;
    const receipts = [claimReceipt, noContactReceipt, senderDisputeReceipt, replierDisputeReceipt];
    const had = receipts.filter((receipt) => receipt != null);
    if (had.length === 0 || !from.outcome) return null;
    return missingRuling(promise, had.slice(0, 2), from.outcome);
  }

  function lists(): FraudFrame | null {
    if (infos.length === 0) return null;
    const [one, two] = [tools.dice.pick(infos), tools.dice.pick(infos)];
    return twoLists(one.settlerCertificate, one.revocationHead, two.revocationHead);
  }

  /** What it bought, or sold: the lock holds and the seal opens, but it says otherwise. */
  function contact(promiseId: string): FraudFrame | null {
    const job = stored<BoughtJob>(tools, 'job').find(
      ({ chosen }) => chosen?.promiseId === promiseId,
    );
    const unlock = said.get(promiseId)?.unlock;
    const key = unlock ? Unlock.decodeCanonical(unlock.body) : null;
    if (!job?.chosen || !unlock || key === null || isFault(key)) return null;
    const { papers, lockedMessage } = job.chosen;
    const { random } = by(tools, tools.secret);
    const bought = { ...papers, lockedMessage };
    if (tools.dice.oneIn(3)) return lockFraud(bought, random(32), unlock);
    if (tools.dice.oneIn(2)) {
      const altered = lockedMessage.slice();
      altered[40]! ^= 1;
      return lockFraud({ ...bought, lockedMessage: altered }, key.unlockingKey, unlock);
    }
    const secret = tools.dice.oneIn(2)
      ? partySecret(tools, job.job.certificate)
      : subSecret(tools.secret, 'settler-root');
    const { replierCertificate, statement } = papers;
    const { unlockingKey } = key;
    const of = { unlockingKey, replierCertificate, statement, secret, random: random(32) };
    return sealFraud(bought, of);
  }

  return {
    in(frame, _from, pass) {
      pass();
      if (frame.kind === 'settlerInfo') infos.push(frame);
      if (frame.kind === 'promise' || frame.kind === 'reply') {
        const signed = frame.kind === 'promise' ? frame.promise : frame.signedSettlementPromise;
        const promise = SettlementPromise.decodeCanonical(signed.body);
        if (isFault(promise)) return;
        const { promiseId } = promise;
        promises.set(promiseId, signed);
        // Whoever asks is told what becomes of it, now and later.
        for (const ms of [5_000, 1_200_000, 10_800_000, 43_200_000]) {
          tools.later(ms, () => {
            for (const peer of tools.peers()) tools.say(peer, { kind: 'watch', promiseId });
          });
        }
      }
      if (frame.kind !== 'statements') return;
      learn(frame);
      tools.later(tools.dice(20_000), accuse);
    },
  };
}

interface BoughtJob extends StoredJob {
  readonly chosen?: NonNullable<StoredJob['chosen']> & {
    readonly lockedMessage: Uint8Array;
    readonly papers: {
      readonly promise: Signed;
      readonly terms: Uint8Array;
      readonly salt: Uint8Array;
      readonly replierCertificate: Parameters<typeof sealFraud>[1]['replierCertificate'];
      readonly statement: Signed;
    };
  };
}
