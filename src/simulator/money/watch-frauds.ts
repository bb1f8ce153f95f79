/**
 * Lies, as somebody sees them who knows who is honest and hears every frame. Nobody honest is ever accused by a proof that holds,
 * whoever made it; an honest node that hears a proof, or two things its settler signed that do not go together, keeps the
 * proof; and with a settler of whom it keeps one it takes up nothing new.
 *
 * One thing an honest settler may be shown to have done: not to have ruled in time, when its own outcome says so.
 */
import {
  decodeFrame,
  isFault,
  isFraudFrame,
  fraudId,
  limits,
  Outcome,
  partySecret,
  publicKeyOf,
  readStatement,
  readStored,
  SettlementPromise,
  verifyFraud,
  type Fraud,
  type FraudFrame,
  type FrameOf,
  type PartyKey,
  type PeerKey,
  type PromiseId,
  type Signed,
  type StoreEntry,
} from '../../lib/protocol/index.ts';

/** Somebody's seat, as far as it is looked at here. */
export interface Somebody {
  readonly name: string;
  /** Which of its lives this is. */
  readonly life: number;
  readonly state: 'up' | 'down' | 'gone';
  readonly secret: Uint8Array;
  readonly options: { readonly honest: boolean; readonly planned: { readonly role: string } };
  readonly watch: { readonly disk: ReadonlyMap<string, Uint8Array> };
}

/** What a town tells its fraud watch. */
export interface FraudTown {
  readonly seats: ReadonlyMap<string, Somebody>;
  readonly byPeer: ReadonlyMap<PeerKey, Somebody>;
  /** Settlers by their root keys. */
  settlers(): ReadonlyMap<PartyKey, Somebody>;
  now(): number;
  violated(rule: string): void;
}

/** An honest node that must keep a proof from now on, as long as its device does not die. */
interface Due {
  readonly seat: Somebody;
  readonly life: number;
  readonly what: string;
  isKept(kept: readonly KeptFraud[]): boolean;
  readonly root: PartyKey;
}

interface KeptFraud {
  readonly id: string;
  readonly fraud: Pick<Fraud, 'role' | 'root' | 'promiseId'> & { readonly kind: string };
  readonly proof: string | null;
}

interface StoredEvidence {
  readonly settlerKey: PartyKey;
  readonly promise: Signed;
}

/** What one node heard of one settler about one promise, in one life. */
interface Heard {
  readonly unlocked: Set<string>;
  readonly aborted: Set<string>;
  readonly outcomes: Set<string>;
  /** Heights of receipts of disputes. */
  readonly disputed: Set<number>;
  /** Its outcome says that nobody ruled. */
  readonly unruled: Set<string>;
}

type Statements = FrameOf<'statements'>;

export class FraudWatch {
  readonly #town: FraudTown;
  readonly #verified = new Map<string, Fraud | null>();
  readonly #due: Due[] = [];
  readonly #heard = new Map<string, Heard>();
  readonly #proven = new Map<string, Fraud['kind']>();
  /** Jobs and offers that were begun, by seat and key. */
  readonly #begun = new Set<string>();

  constructor(town: FraudTown) {
    this.#town = town;
  }

  /** Kinds of lies that were proven in this town, one for each. */
  get proofs(): readonly Fraud['kind'][] {
    return [...this.#proven.values()];
  }

  /** Somebody, honest or not, sends a frame. */
  said(seat: Somebody, bytes: Uint8Array): void {
    const fraud = this.#fraudIn(bytes);
    if (fraud === null) return;
    this.#judge(seat, fraud);
    this.#proven.set(fraudId(fraud), fraud.kind);
    if (!seat.options.honest) return;
    const kept = seat.watch.disk.has(`fraud/${fraudId(fraud)}`);
    this.#rule(kept, seat, 'tells a proof that it might forget');
  }

  /** An honest node hears a frame. */
  heard(seat: Somebody, from: PeerKey, bytes: Uint8Array): void {
    const sender = this.#town.byPeer.get(from);
    if (sender === undefined) return;
    const tag = bytes[0]!;
    if (tag === statementsTag) {
      const frame = decodeFrame(bytes);
      if (!isFault(frame) && frame.kind === 'statements') this.#hears(seat, sender, frame);
    }
    const fraud = sender.options.honest ? this.#fraudIn(bytes) : null;
    if (fraud === null) return;
    const id = fraudId(fraud);
    this.#owe(seat, fraud.root, `a proof of ${fraud.kind} it heard of`, (kept) =>
      kept.some((known) => known.id === id),
    );
  }

  /** An honest node begins something with a settler. */
  stores(seat: Somebody, entries: readonly StoreEntry[]): void {
    for (const { key, value } of entries) {
      if (value === null || !/^(job|offer)\//.test(key)) continue;
      const text = Buffer.from(value).toString('latin1');
      const begins = key.startsWith('job/') ? '"state":"PayingNetwork"' : '"state":"Invoicing"';
      if (!text.includes(begins) || this.#begun.has(`${seat.name} ${key}`)) continue;
      this.#begun.add(`${seat.name} ${key}`);
      const root = this.#settlerOf(value);
      const lied = keptBy(seat).some(
        ({ fraud }) => fraud.role === 'settler' && fraud.root === root,
      );
      this.#rule(!lied, seat, 'begins something with a settler that it knows to have lied');
    }
  }

  /** What is left to say when all is over. */
  end(): void {
    for (const { seat, life, what, isKept, root } of this.#due) {
      if (seat.life !== life || seat.state !== 'up') continue;
      const kept = keptBy(seat);
      const ofRoot = kept.filter(({ fraud }) => fraud.role === 'settler' && fraud.root === root);
      const isEnough = ofRoot.length >= limits.fraudsPerSettler;
      this.#rule(isEnough || isKept(kept), seat, `keeps no ${what}`);
    }
    for (const seat of this.#town.seats.values()) {
      if (!seat.options.honest) continue;
      for (const { fraud, proof } of keptBy(seat)) {
        const found = proof === null ? null : this.#fraudIn(Buffer.from(proof, 'hex'));
        const isSilent = fraud.kind === 'silent' && proof === null;
        this.#rule(found !== null || isSilent, seat, `keeps a proof of ${fraud.kind} of nothing`);
        if (isSilent)
          this.#rule(!this.#hasSpoken(fraud), seat, 'calls a settler silent that spoke');
      }
    }
  }

  // ----------------------------------------------------------------------------------------- proofs

  /** The lie that this frame proves to anybody; null if it proves none. */
  #fraudIn(bytes: Uint8Array): Fraud | null {
    if (!fraudTags.includes(bytes[0]!)) return null;
    const name = Buffer.from(bytes).toString('latin1');
    const known = this.#verified.get(name);
    if (known !== undefined) return known;
    const frame = decodeFrame(bytes);
    const found = isFault(frame) || !isFraudFrame(frame) ? null : this.#verify(frame);
    this.#verified.set(name, found);
    return found;
  }

  #verify(frame: FraudFrame): Fraud | null {
    const roots = new Set(this.#town.settlers().keys());
    const found = verifyFraud(frame, { network: 'regtest', roots, nowMs: this.#town.now() });
    return isFault(found) ? null : found;
  }

  #judge(by: Somebody, fraud: Fraud): void {
    const accused = this.#accused(fraud);
    if (!accused?.options.honest || this.#ownsIt(accused, fraud)) return;
    this.#town.violated(`7: ${by.name} proves ${fraud.kind} of ${accused.name}, who is honest`);
  }

  #accused({ role, root, key }: Fraud): Somebody | null {
    if (role === 'settler') return this.#town.settlers().get(root) ?? null;
    for (const seat of this.#town.seats.values()) {
      if (seat.options.planned.role === 'worker' && keysOf(seat).has(key)) return seat;
    }
    return null;
  }

  /** Its own outcome says that it did not rule. */
  #ownsIt(settler: Somebody, { kind, promiseId }: Fraud): boolean {
    return kind === 'missing-ruling' && outcomeOf(settler, promiseId)?.reason === 'no-ruling';
  }

  /** An honest settler tells its outcome to everybody who asks, sooner or later. */
  #hasSpoken({ root, promiseId }: Pick<Fraud, 'root' | 'promiseId'>): boolean {
    const settler = this.#town.settlers().get(root);
    return settler?.options.honest === true && outcomeOf(settler, promiseId) !== null;
  }

  // --------------------------------------------------------------------------------------- statements

  #hears(seat: Somebody, settler: Somebody, frame: Statements): void {
    const { promiseId } = frame;
    const evidence = seat.watch.disk.get(`evidence/${promiseId}`);
    if (evidence === undefined) return;
    const { settlerKey: key, promise } = readStored<StoredEvidence>(evidence);
    const by = { key, network: 'regtest' } as const;
    const [unlock, abort, outcome] = [
      readStatement('unlock', frame, by),
      readStatement('abort', frame, by),
      readStatement('outcome', frame, by),
    ];
    const receipts = (['senderDisputeReceipt', 'replierDisputeReceipt'] as const).map((kind) =>
      readStatement(kind, frame, by),
    );
    // Of what does not hold nothing is taken.
    if (isFault(unlock) || isFault(abort) || isFault(outcome) || receipts.some(isFault)) return;
    const name = `${seat.name} ${seat.life} ${promiseId}`;
    const heard = this.#heard.get(name) ?? {
      unlocked: new Set(),
      aborted: new Set(),
      outcomes: new Set(),
      disputed: new Set(),
      unruled: new Set(),
    };
    this.#heard.set(name, heard);
    if (unlock) heard.unlocked.add(promiseId);
    if (abort) heard.aborted.add(promiseId);
    if (outcome) heard.outcomes.add(`${outcome.gig} ${outcome.network}`);
    const bothWays = heard.unlocked.size > 0 && heard.aborted.size > 0;
    if (bothWays) this.#oweOf(seat, settler, promiseId, 'proof of an Unlock and an Abort');
    for (const receipt of receipts)
      if (receipt && !isFault(receipt)) heard.disputed.add(receipt.height);
    if (outcome?.reason === 'no-ruling') heard.unruled.add(promiseId);
    if (heard.unruled.size > 0 && isInTime(heard.disputed, promise)) {
      this.#oweOf(seat, settler, promiseId, 'proof of a missing ruling');
    }
    if (heard.outcomes.size > 1) this.#oweOf(seat, settler, promiseId, 'proof of two outcomes');
  }

  #oweOf(seat: Somebody, settler: Somebody, promiseId: PromiseId, what: string): void {
    const root = [...this.#town.settlers()].find(([, each]) => each === settler)?.[0];
    if (root === undefined) return;
    this.#owe(seat, root, what, (kept) => kept.some(({ fraud }) => fraud.promiseId === promiseId));
  }

  #owe(seat: Somebody, root: PartyKey, what: string, isKept: Due['isKept']): void {
    this.#due.push({ seat, life: seat.life, root, what, isKept });
  }

  /** The root of the settler that a job or an offer names. */
  #settlerOf(value: Uint8Array): PartyKey | null {
    const { chosen, offer } = readStored<{
      readonly chosen?: { readonly settlerRoot: PartyKey };
      readonly offer?: { readonly settlerPeer: PeerKey };
    }>(value);
    if (chosen) return chosen.settlerRoot;
    const seat = offer && this.#town.byPeer.get(offer.settlerPeer);
    return [...this.#town.settlers()].find(([, each]) => each === seat)?.[0] ?? null;
  }

  #rule(holds: boolean, seat: Somebody, broken: string): void {
    if (!holds) this.#town.violated(`7: ${seat.name} ${broken}`);
  }
}

function keptBy({ watch }: Somebody): KeptFraud[] {
  const kept: KeptFraud[] = [];
  for (const [key, value] of watch.disk) {
    if (key.startsWith('fraud/')) kept.push(readStored<KeptFraud>(value));
  }
  return kept;
}

/** Did a dispute leave the settler the blocks it has for a ruling? */
function isInTime(disputed: ReadonlySet<number>, promise: Signed): boolean {
  const body = SettlementPromise.decode(promise.body);
  if (isFault(body)) return false;
  return [...disputed].some((height) => height + limits.rulingBlocks <= body.heights.decideBy);
}

/** What a settler published of a promise in the end, by its own disk. */
function outcomeOf({ watch }: Somebody, promiseId: PromiseId | null): Outcome | null {
  const stored = watch.disk.get(`settlement/${promiseId}`);
  if (stored === undefined) return null;
  const { published } = readStored<{ published: { outcome?: Signed | null } }>(stored);
  const outcome = published.outcome ? Outcome.decode(published.outcome.body) : null;
  return outcome === null || isFault(outcome) ? null : outcome;
}

/** The keys a worker has made offers with. */
function keysOf({ watch, secret }: Somebody): ReadonlySet<PartyKey> {
  const keys = new Set<PartyKey>();
  for (const [key, value] of watch.disk) {
    if (!key.startsWith('offer/')) continue;
    const { offer } = readStored<{
      readonly offer: { readonly certificate: Parameters<typeof partySecret>[1] };
    }>(value);
    keys.add(publicKeyOf(partySecret({ secret }, offer.certificate)));
  }
  return keys;
}

/** First bytes of frames: of field numbers above 15 the lower half. */
const tagOf = (field: number) => (((field << 3) | 2) & 0x7f) | 0x80;
const statementsTag = tagOf(18);
const fraudTags = [50, 51, 52, 53, 54].map(tagOf);
