/** What a customer is told of a payment that did not arrive, and of the replies that are left. */
export const enAgain = {
  again: {
    patience:
      'If the settler does not see the payment within five minutes, your node asks for it back by itself.',
    asking:
      'Nothing more is paid. The settler is asked to call it off; then what is held comes back.',
    back: (when: string) => `It is back by ${when} at the latest, whatever anybody does.`,
    others: 'Then you may choose another offer.',
    failed: 'Your last choice came to nothing, and nothing was paid. Choose another offer.',
  },
};
