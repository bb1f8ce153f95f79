/** Middlemen that cheat, and what anybody can do with frames. */
import {
  statementsFrame,
  type Frame,
  type PaymentHash,
  type PeerKey,
} from '../../../lib/protocol/index.ts';
import { isStatements, nobodySays, type Cheat, type Tools } from './cheat.ts';

/** Asks many times its fee. */
export function overcharges(tools: Tools): Cheat {
  const times = BigInt(tools.dice.pick([2, 5, 50]));
  return {
    wallet(effect, pass) {
      if (effect.do !== 'issueInvoice') return pass(effect);
      pass({ ...effect, amountMsat: effect.amountMsat * times });
    },
  };
}

/** Is paid, and neither pays nor gives back. */
export function isStuck(): Cheat {
  return {
    wallet(effect, pass) {
      const moves = ['payInvoice', 'settleInvoice', 'cancelInvoice'];
      if (!moves.includes(effect.do)) pass(effect);
    },
  };
}

/** Its invoice leaves too little time, or takes too much. */
export function locksWrongly(tools: Tools): Cheat {
  const by = tools.dice.pick([-150, -60, 100, 300]);
  return {
    wallet(effect, pass) {
      if (effect.do !== 'issueInvoice') return pass(effect);
      pass({ ...effect, minFinalCltv: Math.max(24, effect.minFinalCltv + by) });
    },
  };
}

/** Sends a reply on with another invoice than its own: one it saw before, or garbage. */
export function swapsInvoices(tools: Tools): Cheat {
  const seen: string[] = [];
  return {
    in(frame, _from, pass) {
      if (frame.kind === 'reply') seen.push(frame.networkInvoice);
      pass();
    },
    out(frame, _to, pass) {
      if (frame.kind !== 'reply') return pass(frame);
      const networkInvoice = tools.dice.pick([...seen, frame.networkInvoice, 'lnbcrt1nonsense']);
      pass({ ...frame, networkInvoice });
    },
  };
}

/** Gives back what it holds while it is paying on. */
export function givesBackAtOnce(tools: Tools): Cheat {
  return {
    told(event, pass) {
      pass();
      if (event.on !== 'invoiceAccepted') return;
      const { paymentHash } = event;
      tools.later(300, () => tools.wallet({ do: 'cancelInvoice', paymentHash }));
    },
  };
}

/** Says again what it has said, to whoever is there, at any time. */
export function replays(tools: Tools): Cheat {
  const said: { readonly frame: Frame; readonly to: PeerKey }[] = [];
  return {
    out(frame, to, pass) {
      pass(frame);
      if (frame.kind === 'hello') return;
      said.push({ frame, to });
      if (!tools.dice.oneIn(3)) return;
      const old = tools.dice.pick(said);
      tools.later(tools.dice(20_000), () => {
        const peers = tools.peers();
        if (peers.length === 0) return;
        const near = peers.includes(old.to) && !tools.dice.oneIn(3);
        tools.say(near ? old.to : tools.dice.pick(peers), old.frame);
      });
    },
  };
}

/** What it sends is now and then not what it was. */
export function garbles(tools: Tools): Cheat {
  return {
    bytes(bytes) {
      if (!tools.dice.oneIn(6)) return bytes;
      const garbled = bytes.slice();
      for (let i = 1 + tools.dice(3); i > 0; i--) {
        garbled[tools.dice(garbled.length)] = tools.dice(256);
      }
      return garbled;
    },
  };
}

/** Tells everybody, in the settler's and the parties' names, how it ended. */
export function forges(tools: Tools): Cheat {
  return {
    out(frame, to, pass) {
      pass(frame);
      if (frame.kind !== 'watch' && frame.kind !== 'reply' && !isStatements(frame)) return;
      if (frame.kind === 'reply' || !tools.dice.oneIn(2)) return;
      const { promiseId } = frame;
      const height = tools.height();
      const paid = { gig: 'paid', network: 'paid', reason: 'ruled' } as const;
      const forged = statementsFrame(promiseId, {
        outcome: nobodySays(tools, 'outcome', { promiseId, height, ...paid }),
        confirmation: nobodySays(tools, 'confirmation', { promiseId }),
        abortRequest: nobodySays(tools, 'abortRequest', { promiseId }),
        networkPreimage: Uint8Array.from({ length: 32 }, () => tools.dice(256)),
        replyPreimage: Uint8Array.from({ length: 32 }, () => tools.dice(256)),
      });
      tools.say(to, forged);
      for (const peer of tools.peers()) tools.say(peer, forged);
    },
  };
}

/** Collects in the last block in which it can. */
export function collectsLate(tools: Tools): Cheat {
  const deadlines = new Map<PaymentHash, number>();
  return {
    told(event, pass) {
      if (event.on === 'invoiceAccepted') deadlines.set(event.paymentHash, event.settleDeadline);
      pass();
    },
    wallet(effect, pass) {
      const late = effect.do === 'settleInvoice' && deadlines.get(effect.paymentHash);
      if (!late || tools.height() >= late - 3) pass(effect);
    },
  };
}
