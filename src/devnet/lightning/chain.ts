/**
 * A Bitcoin chain in one memory: headers that link, a mempool, and nobody who checks scripts. It is
 * enough for LDK, which asks only which transactions are in which block. One chain a devnet.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { Transaction, p2wpkh } from '@scure/btc-signer';

/** Address format of regtest; only the script made from it matters here. */
const REGTEST = { bech32: 'bcrt', pubKeyHash: 0x6f, scriptHash: 0xc4, wif: 0xef };
/** Lock times from here on are times, not heights. */
const LOCK_TIME_THRESHOLD = 500_000_000;
const MINER_FEE_SATS = 1_000n;

export interface ChainListener {
  transactionsConfirmed(header: Uint8Array, transactions: Uint8Array[], height: number): void;
  bestBlockUpdated(header: Uint8Array, height: number): void;
}

export class Chain {
  height = 0;
  /** Hash of the last header, 32 bytes. */
  tip: Uint8Array;
  /** Seconds since the epoch, as the last header says. */
  timeSeconds = nowSeconds();
  readonly #listeners: ChainListener[] = [];
  readonly #mempool = new Map<string, { readonly raw: Uint8Array; readonly lockTime: number }>();
  readonly #confirmed = new Set<string>();
  /** Which transaction spends an output: the first one seen. */
  readonly #spenders = new Map<string, string>();
  readonly #minerKey = sha256(utf8ToBytes('gig-gossip/devnet/miner'));
  #coinbases = 0;

  constructor(genesisHash: Uint8Array) {
    this.tip = genesisHash;
  }

  listen(listener: ChainListener): void {
    this.#listeners.push(listener);
  }

  /** A signed transaction that pays `sats` to a script, out of nothing. */
  fund(script: Uint8Array, sats: bigint): Uint8Array {
    const miner = p2wpkh(secp256k1.getPublicKey(this.#minerKey, true), REGTEST);
    const transaction = new Transaction({ version: 2, allowUnknownOutputs: true });
    transaction.addInput({
      txid: bytesToHex(sha256(u32(this.#coinbases++))),
      index: 0,
      witnessUtxo: { script: miner.script, amount: sats + MINER_FEE_SATS },
    });
    transaction.addOutput({ script, amount: sats });
    transaction.sign(this.#minerKey);
    transaction.finalize();
    return transaction.extract();
  }

  /** Into the mempool, unless it is known or spends what another one spends. */
  broadcast(raw: Uint8Array): void {
    const transaction = Transaction.fromRaw(raw, {
      allowUnknownInputs: true,
      allowUnknownOutputs: true,
      disableScriptCheck: true,
      allowLegacyWitnessUtxo: true,
    });
    const { id } = transaction;
    if (this.#confirmed.has(id) || this.#mempool.has(id)) return;
    const inputs: string[] = [];
    for (let i = 0; i < transaction.inputsLength; i++) {
      const { txid, index } = transaction.getInput(i);
      inputs.push(`${bytesToHex(txid!)}:${index}`);
    }
    if (inputs.some((input) => this.#spenders.has(input))) return;
    for (const input of inputs) this.#spenders.set(input, id);
    this.#mempool.set(id, { raw: Uint8Array.from(raw), lockTime: transaction.lockTime });
  }

  /** `blocks` blocks; those without a transaction are not announced but for the last one. */
  mine(blocks: number): void {
    for (let left = blocks; left > 0; left--) {
      const header = this.#header();
      this.height++;
      this.tip = sha256(sha256(header));
      const transactions = this.#confirm();
      if (transactions.length === 0 && left > 1) continue;
      for (const listener of this.#listeners) {
        if (transactions.length > 0)
          listener.transactionsConfirmed(header, transactions, this.height);
        listener.bestBlockUpdated(header, this.height);
      }
    }
  }

  /** Tells one listener the present time with a header at the present height. */
  tellTime(listener: ChainListener): void {
    listener.bestBlockUpdated(this.#header(), this.height);
  }

  /** Moves what is final at this height from the mempool into the block. */
  #confirm(): Uint8Array[] {
    const transactions: Uint8Array[] = [];
    for (const [id, { raw, lockTime }] of this.#mempool) {
      if (lockTime < LOCK_TIME_THRESHOLD && lockTime >= this.height) continue;
      transactions.push(raw);
      this.#mempool.delete(id);
      this.#confirmed.add(id);
    }
    return transactions;
  }

  #header(): Uint8Array {
    this.timeSeconds = Math.max(this.timeSeconds, nowSeconds());
    const root = sha256(u32(this.height + 1));
    const bits = 0x207f_ffff;
    const parts = [u32(0x2000_0000), this.tip, root, u32(this.timeSeconds), u32(bits), u32(0)];
    return concatBytes(...parts);
  }
}

/** 4 bytes, little-endian, as Bitcoin writes numbers. */
function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
