/** Connecting a wallet by its QR code, by a link or by another app; and what every wallet is told it can do. */
export const enConnect = {
  connect: {
    scan: 'Scan its QR code',
    scanTitle: 'Show me the wallet’s QR code',
    scanWhy: 'In your wallet: new app connection. The picture stays on this device.',
    noCamera:
      'There is no camera, or it was not allowed. Nothing was connected. Choose a picture of the code, or paste the address.',
    picture: 'Choose a picture of the code',
    notOne:
      'This code is no wallet address. Nothing was connected. Look for “app connection” or “NWC” in your wallet.',
    noCode: 'There is no code in this picture. Nothing was connected. Choose another one.',
    clipboard: 'Paste from the clipboard',
    noClipboard:
      'The clipboard has no wallet address, or it was not allowed. Nothing was connected. Copy it in your wallet and try again.',
    offered: 'Connect this wallet?',
    offeredWhy: (relay: string) =>
      `It can pay from your sats up to the limit set there. Its messages pass over ${relay}, which cannot read them. Connect it only if you made this connection yourself, just now.`,
    offeredInstead: 'It takes the place of the wallet that is connected now.',
    yes: 'Connect',
    no: 'No',
    bad: 'This link has no wallet address. Nothing was connected. Copy the address in your wallet and paste it here.',
    needs: 'What a wallet must be able to do',
    needsLines: [
      'To hire: pay an invoice that stays open for hours. Wallets that give up on a payment after a minute fail here; your sats then come back, and nothing was hired.',
      'To work, settle or earn by carrying: hold invoices (NWC’s make_hold_invoice, settle_hold_invoice, cancel_hold_invoice).',
      'To earn by carrying: also pay on the same payment hash that it holds. Your node tries it once, with the first offer it brings home.',
      'Make the connection with a spending limit and no end date: when it ends, held payments can no longer be collected.',
    ],
  },
};
