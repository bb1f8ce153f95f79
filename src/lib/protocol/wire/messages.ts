/**
 * Every message of gig-gossip.proto with its lengths and bounds, as the core sees it. What a message *means* is told by the
 * file in `job/` that has its name.
 */
export * from './fields.ts';
export * from './certificate-messages.ts';
export * from './topic-messages.ts';
export * from './gossip-messages.ts';
export * from './reply-messages.ts';
export * from './settlement-messages.ts';
export * from './fraud-messages.ts';
export * from './thank-you-messages.ts';
