/** A part of `en.ts`: how a direct way to a neighbour is found. */
export const enStun = {
  stun: {
    title: 'Direct ways',
    why: 'A STUN server tells this phone its public address, so that neighbours behind other routers reach it directly. Your relays do so too. Where routers let nobody through, relays carry what you send, and cannot read it.',
    none: 'None beside your relays.',
    practice: 'from the practice network',
    edit: 'STUN servers, one a line (stun:host:port)',
    save: 'Use these servers',
    saved: 'Saved. New connections use them.',
    bad: 'This is no list of STUN servers. Nothing was changed. Each line reads stun:host:port, at most two.',
  },
};
