/** The rows of `npm run nat`: what is played, what must come of it, and which rule that proves. */

export interface Expected {
  /** How the phones are connected in the end; the ride is settled in any case. */
  readonly connection: 'direct' | 'relayed';
  readonly proves: string;
  /** `npm test` plays it as well: every kind of router and every fault once, under five minutes in all. */
  readonly often: boolean;
}

export const EXPECTED: Readonly<Record<string, Expected>> = {
  'open/open': {
    connection: 'direct',
    proves: 'nobody stands between two phones',
    often: false,
  },
  'cone/cone': {
    connection: 'direct',
    proves: 'two cones are punched through [REL-01]',
    often: true,
  },
  'cone/cone+handover': {
    connection: 'direct',
    proves: 'in mid-ride a worker gets another address, and the ride goes on [REL-02, REL-07]',
    often: true,
  },
  'cone/cone+lossy': {
    connection: 'direct',
    proves: 'every twentieth packet is lost on its way',
    often: true,
  },
  'cone/cone+slow': {
    connection: 'direct',
    proves: 'an answer takes more than a second',
    often: true,
  },
  'symmetric/open': {
    connection: 'direct',
    proves: 'an open phone is reached from behind any router that lets UDP through [REL-01]',
    often: false,
  },
  'symmetric/cone': {
    connection: 'relayed',
    proves: 'where no hole can be punched a relay carries the ride [REL-01]',
    often: true,
  },
  'symmetric/symmetric': {
    connection: 'relayed',
    proves: 'a link over a relay turns direct when the routers let it [REL-01]',
    often: false,
  },
  'blocked/cone': {
    connection: 'relayed',
    proves: 'without UDP a relay carries the ride [REL-01]',
    often: true,
  },
};
