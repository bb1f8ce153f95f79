/** A part of `later.ts`: the relays a node uses. */
export const enRelays = {
  relays: {
    title: 'Relays',
    why: 'Relays introduce phones to each other. They cannot read what you send.',
    up: 'connected',
    down: 'not connected',
    fix: 'Your money is safe and jobs under way go on. Check the address, or use another relay.',
    learned: 'learned from a neighbour',
    edit: 'Relay addresses, one a line',
    learn: 'Also use a few relays that neighbours use',
    learnWhy:
      'Then you are found even when yours are gone. Every relay sees that you are connected.',
    save: 'Use these relays',
  },
};
