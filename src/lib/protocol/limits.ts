/**
 * Every bound of the core in one place: units, and why this much. Nothing a peer can make grow lacks an entry here.
 */
export const limits = {
  // ---- sizes in bytes
  /** A frame; the largest honest one, a reply, is about 12 kB. */
  frameBytes: 65_536,
  /** Any signed body. */
  signedBytes: 8_192,
  /** A signed request: topic and certificate chain. */
  requestBytes: 8_192,
  /** A sealed ReplyPayload: two certificate chains, the request, the locked message. */
  replyPayloadBytes: 24_576,
  lockedMessageBytes: 4_096,
  /** A Terms; ours are about 200. */
  termsBytes: 512,
  /** A sealed SenderContact: key and addresses, a lock and a seal around them. */
  sealedContactBytes: 4_608,
  /** BOLT 11 text; ours are about 350. */
  invoiceBytes: 2_000,
  addressBytes: 512,
  contactTextBytes: 500,
  chatTextBytes: 2_000,
  /** What an applicant writes to a settler. */
  statementBytes: 1_000,
  reasonBytes: 300,
  /** What a party tells the settler in a dispute. */
  evidenceBytes: 2_000,
  // ---- counts
  addresses: 8,
  /** Certificates from leaf to root. */
  chain: 4,
  /** Keys on a revocation list: what one frame holds; each leaves it within 7 days. */
  revoked: 3_000,
  /** Replies accepted for one ask. */
  repliesPerAsk: 20,
  /** Offers a job keeps. */
  offersPerJob: 50,
  /** Jobs heard and not yet over that a node remembers, the oldest go first. */
  heard: 500,
  /** Cancellations kept until their job's window is over. */
  cancellations: 500,
  /** Payload ids known as carried or bad. */
  knownPayloads: 10_000,
  /** Asks of others waiting for their broadcast, per session and in all. */
  openAsksPerPeer: 64,
  openAsks: 1_024,
  /** Passages waiting for replies. */
  passages: 2_048,
  /** Drafts and promises of one settler that nobody has paid yet. */
  openDrafts: 1_000,
  openDraftsPerPeer: 16,
  openApplications: 1_000,
  /** Settlements and legs that are over and still remembered: somebody may have missed how they ended. */
  endedSettlements: 2_000,
  endedLegs: 2_000,
  /** People a settler keeps a record of. */
  memberships: 10_000,
  /** Lines a membership's record keeps of what was done with it. */
  auditLines: 50,
  /** Memberships a node has with settlers, of any standing. */
  ownMemberships: 64,
  /** Properties of a certificate. */
  properties: 16,
  /** Job certificates issued at once. */
  batch: 32,
  /** A batch is renewed when no more than this many of it are left. */
  batchLow: 8,
  /** Batches one member is given in a day. */
  batchesPerDay: 32,
  /** Batches of one member whose keys a settler keeps on its disk. */
  batchesKept: 32,
  /** Job keys a settler remembers the member of, the oldest go first. */
  issuedKeys: 50_000,
  /** Frames kept for a peer that is away, and for how long (ms). */
  outboxFrames: 64,
  outboxMs: 120_000,
  /** Peers that frames are kept for, and bytes of them all. */
  outboxPeers: 500,
  outboxBytes: 8_388_608,
  /** How many times one frame is sent at most, where connections die under it. */
  outboxTries: 16,
  /** Longest that a reply is kept for a peer that is away (ms): as long as the promise in it holds. */
  heldMs: 3_600_000,
  /** A connection that lost a frame is over within this (ms): 15 s of silence on either side, and a slow phone's waking up. */
  flightMs: 45_000,
  /** First and longest pause between two calls to a peer that something waits for (ms). */
  callFirstMs: 30_000,
  callPauseMs: 900_000,
  /** How long a line of chat is said again once its job is over (ms). */
  chatMs: 24 * 3_600_000,
  chatLines: 500,
  watchersPerPromise: 32,
  /** Fraud proofs kept, and how long after the certificate's end one still counts (ms). */
  frauds: 200,
  fraudMs: 30 * 24 * 3_600_000,
  /** Proofs kept about one settler, digests of proofs met, and proofs told to a new session. */
  fraudsPerSettler: 4,
  fraudsMet: 1_000,
  fraudsPerSession: 8,
  /** Promises whose settler's statements are remembered, to compare with later ones. */
  evidence: 1_000,
  jobs: 200,
  offers: 200,
  /** Ways home one offer is sent on, each with a promise of its own. */
  routesPerOffer: 8,
  settlers: 32,
  /** People a settler keeps a record of. */
  records: 10_000,
  /** Revocation heads, of one issuer each. */
  heads: 1_000,
  /** Peers remembered, connected or not. */
  peers: 2_000,
  // ---- gossip
  /** Most peers one topic is offered to at a time, most times it is sent on. */
  maxFanout: 16,
  maxMultibroadcast: 8,
  /** Most work that is ever asked for, ms of the reference phone: 28 bits of `sha256`. */
  maxWorkMs: 65_536,
  /** Devices so many times slower than the reference phone are given the time. */
  slowestDevice: 200,
  /** An ask that came counts half after this long (ms); what is calm, of all and of one peer, and how much harder it may get. */
  loadHalvesMs: 60_000,
  calmAsks: 64,
  calmAsksOfPeer: 16,
  loadFactor: 16,
  loadFactorOfPeer: 8,
  /** Connections a node keeps for gossip. */
  contacts: 16,
  /** Relays taken over from peers, beside the owner's own. */
  learnedRelays: 4,
  /** A sender that has not heard its own topic elsewhere fans out after this long. */
  quietStartMs: 1_500,
  /** A neighbour that comes this long after a topic (ms) is asked to carry it, if the fanout left room: a tunnel, a restart. */
  carryFurtherMs: 120_000,
  /** How long an ask waits for its conditions, a middleman at least and at most for the broadcast, and how old that may be. */
  conditionsMs: 5_000,
  askValidForMs: 30_000,
  longestAskMs: 600_000,
  timestampToleranceMs: 10_000,
  timestampAheadMs: 2_000,
  clockSkewMs: 30_000,
  /** Memory-hard work: leading zero bits of its cheap hash, passes and KiB of its dear one. */
  gateBits: 16,
  argonPasses: 1,
  argonKib: 1_024,
  /** Asks waiting for a broadcast that costs us a memory-hard hash to check. */
  openDearAsks: 16,
  /** Asks one session work buys. */
  asksPerWork: 32,
  /** Work over a hello's challenge on a practice network, in bits. */
  sessionWorkBits: 12,
  /** The same on networks whose sats are worth something. */
  sessionWorkBitsInEarnest: 20,
  /** Token bucket of a session: burst and refill in frames, and frames a second. */
  bucketFrames: 400,
  bucketFramesPerSecond: 100,
  /** Longest a ride's or delivery's window may be, and how far ahead it may begin. */
  topicWindowMs: 24 * 3_600_000,
  /** Longest a topic of another kind takes offers: a certificate that is issued now outlives it. */
  topicOpenMs: 6 * 24 * 3_600_000,
  /** How far ahead a deadline or a check-in may be: 8 weeks, 2 weeks, 180 days. */
  freelanceAheadMs: 56 * 24 * 3_600_000,
  microTaskAheadMs: 14 * 24 * 3_600_000,
  stayAheadMs: 180 * 24 * 3_600_000,
  stayNights: 90,
  /** Guests of a stay, and beds. */
  stayPeople: 16,
  microTaskUnits: 10_000,
  microTaskMinutes: 240,
  /** Parts a long job is paid in, and how long the worker of the first may take to answer the next. */
  parts: 24,
  partOpenMs: 3_600_000,
  /** A part that is asked for after the job's deadline is due a day later. */
  partLateMs: 24 * 3_600_000,
  /** The worker of the first part is called again while it does not answer. */
  partCallMs: 15_000,
  /** Skills a freelance topic may name. */
  topicSkills: 5,
  // ---- certificates
  /** Certificates live in whole days, at most this many. */
  certificateDays: 7,
  dayMs: 24 * 3_600_000,
  /** A batch is renewed this long before it expires, ms. */
  batchRenewMs: 24 * 3_600_000,
  /** A revocation head older than this lets nobody be paid. */
  headMs: 24 * 3_600_000,
  // ---- money
  /** Smallest and largest price of a gig, msat. */
  minPriceMsat: 1_000n,
  maxPriceMsat: 10_000_000_000n,
  /** Fee floor of a paid hop: the worst Lightning fee of its outgoing leg, max(1 %, this) + 1 sat. */
  lightningFeeFloorMsat: 10_000n,
  /** What a day of 144 blocks costs that a payment may be held. */
  holdFeeMsatPerDay: 1_000n,
  blocksPerDay: 144,
  /** Held payments at once, jamming bounds: in all, per upstream peer, per settler. */
  openHolds: 10,
  openHoldsPerPeer: 2,
  openHoldsPerSettler: 4,
  /** Invoices in place of work that are open at once, in all and of one peer; payments in place of work that are remembered. */
  openFavours: 64,
  openFavoursPerPeer: 8,
  favoursBought: 1_000,
  /** Invoices in place of work that are known: those nobody paid are cancelled until their wallet lets go of them. */
  favoursSold: 500,
  /** Hashes of those that are over. */
  favoursOver: 5_000,
  /** A day of payments in place of work: as many sats as its owner allowed (ms). */
  favourDayMs: 24 * 3_600_000,
  /** Longest final CLTV of an invoice in place of work: somebody's money is locked so long if it is neither taken nor given back. */
  favourMaxFinalCltv: 144,
  /** Our wallet's invoice is waited for so long before conditions go without (ms); no payment begins with less time left (ms). */
  favourInvoiceMs: 2_000,
  favourPayMs: 5_000,
  /** Expiry of an invoice in place of work, seconds: whoever asked has half a minute. */
  favourInvoiceSeconds: 600,
  /** What the sender's own invoice in a thank-you chain is for: the least a payment can be. */
  thankYouMsat: 1_000n,
  /** Most bits that withheld thank-yous add to a peer's work, and how long until one is forgotten (ms). */
  thanklessBits: 6,
  thanklessFadeMs: 24 * 3_600_000,
  /** Peers of which that is remembered. */
  thankless: 1_000,
  /** Replies without a settler to our own jobs that a node keeps, and replies of its own. */
  thankYous: 500,
  unsettledOffers: 500,
  /** Replies without a settler that a node carries and waits to be thanked for. */
  thankYouReplies: 2_048,
  // ---- blocks
  /** Final CLTV a sender's invoice may reach. */
  maxFinalCltv: 600,
  /** Lightning forwarders on a hop's outgoing leg, and blocks each takes. */
  forwarders: 1,
  forwarderBlocks: 80,
  /** Shadow offset of wallets that are not known to cap their routes: measured 40-120 with LDK. */
  shadowBlocks: 120,
  /** LDK and others add this many to a final CLTV. */
  finalCltvSlack: 3,
  /** Wallets give up an accepted invoice this long before its deadline. */
  walletBufferBlocks: 21,
  /** To wake up and go on chain. */
  graceBlocks: 48,
  /** From a draft to the last block for Unlock, and on to the last block to start. */
  unlockBlocks: 12,
  startBlocks: 6,
  disputeBlocks: 18,
  /** A settler that was away as claim_by passed hears for so long what it missed. */
  listenBlocks: 3,
  rulingBlocks: 18,
  /** Both acceptances known: Unlock or Abort within this many. */
  unlockGraceBlocks: 3,
  /** A settler that owed a ruling is called silent this long after decide_by. */
  silentBlocks: 6,
  /** A promise's decide_by stays this far below the settler's and the replier's settle deadlines. */
  settlerMarginBlocks: 24,
  replierMarginBlocks: 36,
  minJobBlocks: 6,
  /**
   * Longest a payment is held for a job. A ride or parcel may end 48 h from now, and its network fee is held as long: with 99
   * blocks more it leaves room for a paid hop whose wallet caps its routes. Other kinds pay the network for the contact, so
   * only the gig's own invoice, with 111 blocks more and nobody in between, must stay below `maxFinalCltv`: three days.
   */
  routeBlocks: 294,
  maxJobBlocks: 432,
  /** Payments of legs refused in a row before a wallet is taken for one that cannot pay what it holds. */
  refusals: 3,
  // ---- waits in ms
  /** A wallet that cannot pay what it holds says so within this; it gets another try after that. */
  refusalMs: 60_000,
  relayRetryMs: 24 * 3_600_000,
  /** A settler's answer to a draft request or a sealed reply. */
  settlerMs: 60_000,
  /** A network payment that its settler has not seen is asked back: it takes seconds, or a hop keeps it until the Abort. */
  networkPatienceMs: 300_000,
  /** Statements are sent again until they had their effect. */
  repeatMs: 5_000,
  /** A thank you that nobody has paid for is worth nothing after this, nor after this many blocks (one node may be behind). */
  thankYouBlocks: 12 + 6,
  thankYouMs: 600_000,
  /** How long a replier that paid for its reply brings the contact key, and its longest pause between two tries. */
  contactKeyMs: 6 * 3_600_000,
  contactPauseMs: 15 * 60_000,
  /** An unpaid promise is worth nothing after this. */
  promiseMs: 3_600_000,
  /** Expiry of every hold invoice, seconds: wallets call an accepted one expired after it. */
  holdInvoiceSeconds: 86_400,
} as const;
