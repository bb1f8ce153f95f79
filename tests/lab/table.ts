/** Who is connected with whom, and how, as each phone sees it. */
import type { Phone } from '../e2e/phone.ts';
import { seenBy } from './seen.ts';

export interface Connections {
  readonly phone: string;
  /** Its key, 66 hex digits; empty if its page is closed. */
  readonly key: string;
  /** To the other phones, by their names. */
  readonly phones: Readonly<Record<string, 'direct' | 'relayed'>>;
  /** To nodes of the practice network: its settler, its middlemen. */
  readonly others: { readonly direct: number; readonly relayed: number };
}

export async function connectionsOf(phones: readonly Phone[]): Promise<Connections[]> {
  const seen = await Promise.all(phones.map(seenBy));
  const names = new Map(seen.map(({ self }, index) => [self, phones[index]!.name]));
  return seen.map(({ self, peers }, index) => {
    const found: Record<string, 'direct' | 'relayed'> = {};
    const others = { direct: 0, relayed: 0 };
    for (const [peer, { direct }] of Object.entries(peers)) {
      const how = direct ? 'direct' : 'relayed';
      const name = names.get(peer);
      if (name === undefined) others[how]++;
      else found[name] = how;
    }
    return { phone: phones[index]!.name, key: self, phones: found, others };
  });
}

/** A row says what its phone sees, so two that disagree can be seen to. */
export function tableOf(all: readonly Connections[]): string {
  const header = ['', ...all.map(({ phone }) => phone), 'network'];
  const rows = all.map((row) => [
    row.phone,
    ...all.map(({ phone }) => cell(row, phone)),
    row.key === '' ? 'closed' : othersOf(row),
  ]);
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((text, column) => text.padEnd(widths[column]!)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function cell(row: Connections, other: string): string {
  return row.phone === other ? '-' : (row.phones[other] ?? '.');
}

function othersOf({ others: { direct, relayed } }: Connections): string {
  return relayed === 0 ? `${direct} direct` : `${direct} direct, ${relayed} relayed`;
}
