/**
 * A face and a name for a key, so that people can tell keys apart without an account. Both follow from the key alone and
 * are the same on every device. They help recognition and prove nothing: details show the key.
 */
export interface Face {
  /** Index into the eight skins, hair colours and backdrops of `Face.svelte`. */
  readonly backdrop: number;
  readonly skin: number;
  readonly hair: number;
  readonly cut: number;
  readonly eyes: number;
  readonly mouth: number;
  readonly extra: number;
}

const adjectives =
  'Able Amber Brave Breezy Bright Calm Candid Cheery Clear Clever Coral Cosy Crisp Curious Daring Deft Eager Early ' +
  'Earnest Fair Fleet Fond Frank Gentle Glad Golden Happy Hardy Hazel Honest Humble Jolly Keen Kind Lively Loyal Lucid ' +
  'Lucky Mellow Merry Mild Mint Nimble Noble Olive Patient Plucky Proud Quick Quiet Ready Rosy Ruby Silver Snug Spry ' +
  'Steady Sunny Swift Tidy Trusty Warm Wise Witty';
const animals =
  'Badger Beaver Bison Bunting Camel Civet Condor Crane Cricket Curlew Dolphin Dove Egret Falcon Ferret Finch Fox ' +
  'Gannet Gecko Goose Hare Hedgehog Heron Hornbill Ibis Ibex Jackdaw Jay Kestrel Kiwi Koala Lark Lemur Linnet Lynx ' +
  'Magpie Marten Mole Moose Newt Ocelot Oriole Osprey Otter Owl Panda Pelican Petrel Pika Plover Puffin Quail Raven ' +
  'Robin Seal Shrew Sparrow Stoat Stork Swan Tapir Tern Toucan Wren';

const firsts = adjectives.split(' ');
const seconds = animals.split(' ');

/** "Brave Heron": 4,096 pairs from a key's first bytes. */
export function nameOf(key: string): string {
  return `${firsts[byte(key, 1) % firsts.length] ?? ''} ${seconds[byte(key, 2) % seconds.length] ?? ''}`;
}

export function faceOf(key: string): Face {
  return {
    backdrop: byte(key, 3) % 8,
    skin: byte(key, 4) % 8,
    hair: byte(key, 5) % 8,
    cut: byte(key, 6) % 6,
    eyes: byte(key, 7) % 4,
    mouth: byte(key, 8) % 4,
    extra: byte(key, 9) % 5,
  };
}

/** Byte `index` of the key; a peer key's first byte is only 2 or 3, so callers begin at 1. */
function byte(key: string, index: number): number {
  const value = Number.parseInt(key.slice(index * 2, index * 2 + 2), 16);
  return Number.isNaN(value) ? 0 : value;
}
