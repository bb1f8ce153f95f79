/** Those who cheat where there is no settler: at the thank you, on its way, and afterwards. */
import {
  isFault,
  limits,
  partySecret,
  paymentHashOf,
  sealContactKey,
  signThankYouHash,
  ThankYouHash,
  type FrameOf,
  type PartyKey,
  type PaymentHash,
  type ReplyDigest,
} from '../../../lib/protocol/index.ts';
import { by, stored, type Cheat, type Tools } from './cheat.ts';

interface StoredThankYou {
  readonly state: string;
  readonly reply: {
    readonly digest: ReplyDigest;
    readonly certificate: Parameters<typeof partySecret>[1];
  };
}
interface StoredUnsettled {
  readonly offer: { readonly digest: ReplyDigest; readonly senderKey: PartyKey };
}

/** Customer: lets the worker pay, and never says the secret that all of it waits for. */
export function withholdsTheThankYou(): Cheat {
  return {
    wallet(effect, pass) {
      if (effect.do !== 'settleInvoice') pass(effect);
    },
  };
}

/** Customer: says thank you, and does not want to know the worker. */
export function thanksAndNeverCalls(): Cheat {
  return {
    in(frame, _from, pass) {
      if (frame.kind !== 'contactKey') pass();
    },
    out(frame, _to, pass) {
      if (frame.kind !== 'contact') pass(frame);
    },
  };
}

/** Customer: what should say where it is says nothing. */
export function thanksFromNowhere(tools: Tools): Cheat {
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'thankYouHash') return pass(frame);
      const { random } = by(tools, tools.secret);
      pass(ofSender(tools, frame, (body) => ({ ...body, sealedContact: random(200) })) ?? frame);
    },
  };
}

/** Customer: asks every worker that replied to pay for one and the same secret. */
export function thanksAllWithOneSecret(tools: Tools): Cheat {
  return {
    out(frame, to, pass) {
      pass(frame);
      if (frame.kind !== 'thankYouHash') return;
      for (const { state, reply } of stored<StoredThankYou>(tools, 'thank-you')) {
        if (state !== 'Received') continue;
        const { digest: replyDigest } = reply;
        const other = ofSender(tools, frame, (body) => ({ ...body, replyDigest }));
        if (other === null) continue;
        tools.say(to, other);
        for (const peer of tools.peers()) tools.say(peer, other);
      }
    },
  };
}

/** Middleman: keeps thank-yous to itself. */
export function bringsNoThankYous(): Cheat {
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'thankYouHash') pass(frame);
    },
  };
}

/** Middleman: another invoice under a good thank you. */
export function swapsThankYous(tools: Tools): Cheat {
  const seen: string[] = [];
  return {
    in(frame, _from, pass) {
      if (frame.kind === 'thankYouHash') seen.push(frame.thankYouInvoice);
      pass();
    },
    out(frame, _to, pass) {
      if (frame.kind !== 'thankYouHash') return pass(frame);
      const thankYouInvoice = tools.dice.pick([...seen, frame.thankYouInvoice, 'lnbcrt1nonsense']);
      pass({ ...frame, thankYouInvoice });
    },
  };
}

/** Middleman: asks the worker for a thank you of its own making, with a secret that it has. */
export function pocketsThankYous(tools: Tools): Cheat {
  const secrets = new Map<PaymentHash, Uint8Array>();
  const forged = new Map<PaymentHash, FrameOf<'thankYouHash'>['thankYouHash']>();
  return {
    in(frame, _from, pass) {
      pass();
      if (frame.kind !== 'thankYouHash' || forged.size > 0) return;
      const said = ThankYouHash.decodeCanonical(frame.thankYouHash.body);
      if (isFault(said)) return;
      const signer = by(tools, tools.secret);
      const secret = signer.random(32);
      const paymentHash = paymentHashOf(secret);
      secrets.set(paymentHash, secret);
      forged.set(paymentHash, signThankYouHash({ ...said, paymentHash }, signer));
      tools.wallet({
        do: 'issueInvoice',
        paymentHash,
        amountMsat: 30_000n,
        minFinalCltv: 120,
        expirySeconds: limits.holdInvoiceSeconds,
        description: 'a thank you of my own',
      });
    },
    told(event, pass) {
      pass();
      if (event.on === 'invoiceIssued') {
        const thankYouHash = forged.get(event.paymentHash);
        if (thankYouHash === undefined) return;
        const frame = {
          kind: 'thankYouHash',
          thankYouHash,
          thankYouInvoice: event.invoice,
        } as const;
        for (const peer of tools.peers()) tools.say(peer, frame);
      }
      if (event.on !== 'invoiceAccepted') return;
      const preimage = secrets.get(event.paymentHash);
      const { paymentHash } = event;
      if (preimage) tools.wallet({ do: 'settleInvoice', paymentHash, preimage });
    },
  };
}

/** Worker: takes the gig, and lets the customer pay nobody for it: it funds no thank you. */
export function fundsNothing(): Cheat {
  return {
    wallet(effect, pass) {
      if (effect.do !== 'payInvoice') pass(effect);
    },
  };
}

/** Worker: is thanked, and keeps its contact to itself. */
export function bringsNoKey(): Cheat {
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'contactKey') pass(frame);
    },
  };
}

/** Worker: the key it brings opens nothing. */
export function bringsAnotherKey(tools: Tools): Cheat {
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'contactKey') return pass(frame);
      const { replyDigest: digest } = frame;
      const made = stored<StoredUnsettled>(tools, 'unsettled').find(
        ({ offer }) => offer.digest === digest,
      );
      if (!made) return pass(frame);
      const { random } = by(tools, tools.secret);
      pass(sealContactKey(random(32), { senderKey: made.offer.senderKey, digest, random }));
    },
  };
}

/** Worker: hears the customer call, and does not answer. */
export function neverAcks(): Cheat {
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'contact') pass(frame);
    },
  };
}

/** Worker: gets the gig, and is never seen again. */
export function takesTheGig(tools: Tools): Cheat {
  return {
    in(frame, _from, pass) {
      pass();
      if (frame.kind === 'contact') tools.later(200, () => tools.vanish());
    },
  };
}

/** The thank you of our own job, said otherwise. */
function ofSender(
  tools: Tools,
  frame: FrameOf<'thankYouHash'>,
  change: (body: ThankYouHash) => ThankYouHash,
): FrameOf<'thankYouHash'> | null {
  const said = ThankYouHash.decodeCanonical(frame.thankYouHash.body);
  if (isFault(said)) return null;
  const own = stored<StoredThankYou>(tools, 'thank-you').find(
    ({ reply }) => reply.digest === said.replyDigest,
  );
  if (!own) return null;
  const signer = by(tools, partySecret(tools, own.reply.certificate));
  return { ...frame, thankYouHash: signThankYouHash(change(said), signer) };
}
