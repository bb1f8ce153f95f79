/** Phones driven by hand: one command a line, until `quit` or the input's end. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Phone } from '../e2e/phone.ts';
import { tableFor, type OpenLab } from './lab.ts';

type Prompted = Pick<OpenLab, 'phones' | 'browsers' | 'shoot' | 'connections'>;

interface Order {
  /** After the command, for people. */
  readonly wants: string;
  readonly does: string;
  /** Answers a line for people, or nothing. */
  readonly run: (lab: Prompted, phone: Phone, rest: readonly string[]) => Promise<string>;
  /** It is about all phones. */
  readonly ofAll?: true;
}

const orders: Readonly<Record<string, Order>> = {
  phones: {
    wants: '',
    does: 'who is connected with whom, and how',
    ofAll: true,
    run: (lab) => tableFor(lab),
  },
  open: {
    wants: 'N [#/screen]',
    does: 'where to drive it by hand; shows that screen first',
    async run(lab, phone, [screen]) {
      if (!phone.isOpen) return `${phone.name} has no page: restart ${numberOf(lab, phone)}`;
      if (screen !== undefined) await phone.go(screen);
      await phone.page.bringToFront();
      return lab.browsers.handleOf(phone, numberOf(lab, phone));
    },
  },
  shot: {
    wants: 'N',
    does: 'keeps a picture of it',
    async run(lab, phone) {
      const name = `${phone.name}-${new Date().toISOString().slice(11, 19).replaceAll(':', '')}`;
      return (await lab.shoot(phone, name)) ?? `${phone.name} has no page`;
    },
  },
  tap: {
    wants: 'N TEST-ID',
    does: 'taps what has that data-testid',
    async run(_lab, phone, [id = '']) {
      await phone.at(id).first().click({ timeout: 5_000 });
      return `${phone.name} shows ${phone.hash}`;
    },
  },
  fill: {
    wants: 'N TEST-ID TEXT',
    does: 'types into what has that data-testid',
    async run(_lab, phone, [id = '', ...words]) {
      await phone.at(id).first().fill(words.join(' '), { timeout: 5_000 });
      return '';
    },
  },
  read: {
    wants: 'N',
    does: 'what its screen says',
    run: (_lab, phone) => phone.page.locator('body').innerText({ timeout: 5_000 }),
  },
  kill: {
    wants: 'N',
    does: 'its page is gone, as when a phone kills it',
    async run(_lab, phone) {
      await phone.kill();
      return `${phone.name} is gone; what it stored stays`;
    },
  },
  restart: {
    wants: 'N',
    does: 'a new page, at the screen that was shown last',
    async run(_lab, phone) {
      if (phone.isOpen) await phone.kill();
      await phone.reopen();
      return `${phone.name} shows ${phone.hash}`;
    },
  },
};

/** Answers for people; null to end. */
export async function obey(lab: Prompted, line: string): Promise<string | null> {
  const [name = '', number = '', ...rest] = line.trim().split(/\s+/);
  if (name === '') return '';
  if (name === 'quit' || name === 'exit') return null;
  const order = Object.hasOwn(orders, name) ? orders[name] : undefined;
  if (order === undefined) return name === 'help' ? help() : `no "${name}" here\n${help()}`;
  const phone = lab.phones[order.ofAll ? 0 : Number(number) - 1];
  if (phone === undefined) return `${name} wants a phone from 1 to ${lab.phones.length}`;
  try {
    return await order.run(lab, phone, rest);
  } catch (error) {
    // Playwright's first line says it; the rest is its log.
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

export async function prompt(lab: Prompted, input: Readable, output: Writable): Promise<void> {
  const lines = createInterface({ input, output, prompt: 'lab> ' });
  let isOpen = true; // a line may be under way when the input ends
  lines.once('close', () => (isOpen = false));
  lines.prompt();
  for await (const line of lines) {
    const answer = await obey(lab, line);
    if (answer === null) break;
    if (answer !== '') output.write(`${answer}\n`);
    if (isOpen) lines.prompt();
  }
  lines.close();
}

function help(): string {
  const lines = Object.entries(orders).map(([name, { wants, does }]) => ({
    said: `${name} ${wants}`.trim(),
    does,
  }));
  const all = [...lines, { said: 'quit', does: 'ends all of it' }];
  const width = Math.max(...all.map(({ said }) => said.length));
  return all.map(({ said, does }) => `  ${said.padEnd(width)}  ${does}`).join('\n');
}

function numberOf(lab: Prompted, phone: Phone): number {
  return lab.phones.indexOf(phone) + 1;
}
