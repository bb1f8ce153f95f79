/** Customers and workers that cheat. */
import { statementsFrame, type PromiseId } from '../../../lib/protocol/index.ts';
import {
  isStatements,
  partySays,
  stored,
  type Cheat,
  type StoredJob,
  type StoredOffer,
  type Tools,
} from './cheat.ts';

/** Customer: pays the network of every offer, to lock up as much of other people's money as it can. */
export function takesEveryOffer(tools: Tools): Cheat {
  return {
    wallet(effect, pass) {
      pass(effect);
      if (effect.do !== 'payInvoice' || !effect.mayBegin) return;
      for (const { offers, chosen } of stored<StoredJob>(tools, 'job')) {
        if (chosen?.networkPaymentHash !== effect.paymentHash) continue;
        for (const { networkPaymentHash, networkInvoice, networkMsat } of offers) {
          if (networkPaymentHash === effect.paymentHash) continue;
          tools.wallet({
            do: 'payInvoice',
            paymentHash: networkPaymentHash,
            invoice: networkInvoice,
            amountMsat: networkMsat,
            mayBegin: true,
          });
        }
      }
    },
  };
}

/** Customer: asks for the contact without having locked the gig's price. */
export function asksForTheKeyUnpaid(tools: Tools): Cheat {
  return {
    in(frame, from, pass) {
      pass();
      if (!isStatements(frame) || !frame.networkAccepted) return;
      const made = jobOf(tools, frame.promiseId);
      if (!made) return;
      const { promiseId } = frame;
      const keyRequest = partySays(tools, made.job.certificate, 'keyRequest', { promiseId });
      tools.say(from, statementsFrame(promiseId, { keyRequest }));
    },
    wallet(effect, pass) {
      const network =
        effect.do === 'payInvoice' &&
        stored<StoredJob>(tools, 'job').some(
          ({ chosen }) => chosen?.networkPaymentHash === effect.paymentHash,
        );
      if (effect.do !== 'payInvoice' || network) pass(effect);
    },
  };
}

/** Customer: locks everything up and says nothing more. */
export function paysAndSaysNothing(): Cheat {
  return {
    out(frame, _to, pass) {
      if (!isStatements(frame)) pass(frame);
    },
  };
}

/** Customer: wants everything undone once it has the contact. */
export function undoes(tools: Tools): Cheat {
  return {
    in(frame, from, pass) {
      pass();
      if (!isStatements(frame) || !frame.unlock) return;
      const made = jobOf(tools, frame.promiseId);
      if (!made) return;
      const { promiseId } = frame;
      const abortRequest = partySays(tools, made.job.certificate, 'abortRequest', { promiseId });
      tools.say(from, statementsFrame(promiseId, { abortRequest }));
    },
  };
}

/** Either: gets the contact, and is never seen again. */
export function takesTheContact(tools: Tools): Cheat {
  return {
    in(frame, _from, pass) {
      pass();
      if (isStatements(frame) && frame.unlock) tools.later(500, () => tools.vanish());
    },
  };
}

/** Worker: says that the price is locked when nobody has locked it. */
export function acceptsUnpaid(tools: Tools): Cheat {
  return {
    in(frame, from, pass) {
      pass();
      if (frame.kind !== 'draft') return;
      const made = stored<StoredOffer>(tools, 'offer').find(
        ({ offer }) => offer.settlerPeer === from,
      );
      if (!made) return;
      const { promiseId } = frame;
      const body = { promiseId, settleDeadline: 1_000_000 };
      const accepted = partySays(tools, made.offer.certificate, 'replyAccepted', body);
      const frameOut = statementsFrame(promiseId, { replyAccepted: accepted });
      for (const ms of [2_000, 6_000, 12_000]) tools.later(ms, () => tools.say(from, frameOut));
    },
  };
}

/** Worker: gives the customer's money back when it is to do the job. */
export function cancelsWhatItHolds(tools: Tools): Cheat {
  return {
    in(frame, _from, pass) {
      pass();
      if (!isStatements(frame) || !frame.unlock) return;
      const made = stored<StoredOffer>(tools, 'offer').find(
        ({ draft }) => draft?.promiseId === frame.promiseId,
      );
      const paymentHash = made?.terms?.replyPaymentHash;
      if (paymentHash) tools.wallet({ do: 'cancelInvoice', paymentHash });
    },
  };
}

/** Worker: its invoice is for twice the price. */
export function asksForMore(): Cheat {
  return {
    wallet(effect, pass) {
      if (effect.do !== 'issueInvoice') return pass(effect);
      pass({ ...effect, amountMsat: effect.amountMsat * 2n });
    },
  };
}

function jobOf(tools: Tools, promiseId: PromiseId): StoredJob | undefined {
  return stored<StoredJob>(tools, 'job').find(({ chosen }) => chosen?.promiseId === promiseId);
}
