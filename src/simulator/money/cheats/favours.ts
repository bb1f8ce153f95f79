/** Cheats about sats in place of work: neighbours that sell it, and whoever buys it. */
import type { FrameOf } from '../../../lib/protocol/index.ts';
import type { Cheat, Tools } from './cheat.ts';

/** Is paid, and passes nothing on. */
export function passesNothingOn(): Cheat {
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'askForBroadcast') pass(frame);
    },
  };
}

/** Says a price, and puts an invoice for more beside it. */
export function namesALowerPrice(tools: Tools): Cheat {
  const part = BigInt(tools.dice.pick([2, 5, 50]));
  return {
    out(frame, _to, pass) {
      if (frame.kind !== 'conditions' || frame.paymentRequest === null) return pass(frame);
      const { paymentRequest } = frame;
      const priceMsat = paymentRequest.priceMsat / part;
      pass({ ...frame, paymentRequest: { ...paymentRequest, priceMsat } });
    },
  };
}

/** Wants every ask to be paid with an invoice that it, or somebody else, made for another. */
export function sellsOneInvoiceTwice(tools: Tools): Cheat {
  const seen: NonNullable<FrameOf<'conditions'>['paymentRequest']>[] = [];
  const note = (request: FrameOf<'conditions'>['paymentRequest']) => {
    if (request !== null) seen.push(request);
  };
  return {
    in(frame, _from, pass) {
      if (frame.kind === 'conditions') note(frame.paymentRequest);
      pass();
    },
    out(frame, _to, pass) {
      if (frame.kind !== 'conditions') return pass(frame);
      note(frame.paymentRequest);
      pass(seen.length === 0 ? frame : { ...frame, paymentRequest: tools.dice.pick(seen) });
    },
  };
}

/** Shows a preimage that it has, of whatever payment, in place of work and of payment. */
export function showsAnOldPreimage(tools: Tools): Cheat {
  const known: Uint8Array[] = [];
  return {
    told(event, pass) {
      if (event.on === 'paymentSettled' && event.preimage.length === 32) known.push(event.preimage);
      pass();
    },
    out(frame, _to, pass) {
      if (frame.kind !== 'broadcast') return pass(frame);
      const old = known.length > 1 ? tools.dice.pick(known.slice(0, -1)) : new Uint8Array(32);
      pass({ ...frame, proof: { kind: 'proofOfPayment', preimage: old } });
    },
  };
}
