/** What leaves the desk as a file: tables as CSV for a spreadsheet, and as JSON for programs. Codes, ids and UTC; never a key. */
import type { MembershipView } from '../types.ts';
import type { Period } from './income.ts';
import type { LogLine } from './log.ts';

export type Row = Readonly<Record<string, string | number>>;

export function logRows(lines: readonly LogLine[]): Row[] {
  return lines.map(({ atMs, height, by, did, about, detail, msat }) => ({
    at: new Date(atMs).toISOString(),
    block: height === 0 ? '' : height,
    by,
    did,
    about,
    detail,
    msat,
  }));
}

export function memberRows(members: readonly MembershipView[]): Row[] {
  return members.map((one) => ({
    application: one.applicationId,
    key: one.publicKey,
    as: one.name,
    standing: one.state,
    checked: one.properties.map(({ name, value }) => `${name}=${value}`).join(' '),
    received: new Date(one.receivedAtMs).toISOString(),
    batches: one.batches,
    reason: one.reason,
    statement: one.statement,
  }));
}

export function incomeRows(periods: readonly Period[]): Row[] {
  return periods.map(({ name, feeMsat, paid, refunded, rulings, turnoverMsat }) => ({
    period: name,
    feeMsat: String(feeMsat),
    paid,
    refunded,
    rulings,
    turnoverMsat: String(turnoverMsat),
  }));
}

/**
 * RFC 4180, with a head. What people wrote may begin like a formula, which a spreadsheet would run: it gets an apostrophe in
 * front, as spreadsheets write it.
 */
export function csvOf(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))];
  return lines.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  const text = String(value);
  const tame = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}

export function jsonOf(rows: readonly Row[]): string {
  return `${JSON.stringify(rows, null, 1)}\n`;
}

/** Hands the browser a file. Its address is let go of once the browser has had time to read it. */
export function download(page: Window, name: string, text: string): void {
  const type = name.endsWith('.csv') ? 'text/csv' : 'application/json';
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = page.document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  page.setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
