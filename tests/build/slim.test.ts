/** What the build leaves out of libraries (`tools/slim-*.ts`) is nothing that the app needs. */
import { create, fromBinary, toBinary, type DescMessage } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import * as schemas from '../../src/lib/protocol/wire/gig-gossip_pb.js';
import { withoutLogs } from '../../tools/slim-libp2p.ts';
import { walletSources } from '../../tools/slim-wallet.ts';
import { messagesOf, slimSchemas } from '../../tools/slim-wire.ts';
import frames from '../vectors/frames.json' with { type: 'json' };

describe('the wire format as the app has it', async () => {
  const code = slimSchemas(schemas);
  const slim = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Record<
    string,
    DescMessage
  >;
  const messages = messagesOf(schemas);

  test('has every message', () => {
    expect(Object.keys(slim).sort()).toEqual(messages.map(([name]) => name).sort());
  });

  test.each(messages)('%s has the same fields', (name, desc) => {
    expect(slim[name]!.fields.map(essence)).toEqual(desc.fields.map(essence));
    expect(slim[name]!.members.map((member) => [member.kind, member.localName])).toEqual(
      desc.members.map((member) => [member.kind, member.localName]),
    );
    expect(create(slim[name]!)).toEqual(create(desc));
  });

  test.each(frames.valid.map(({ name, hex }) => [name, hex] as const))(
    'reads and writes the bytes of %s',
    (_name, hex) => {
      const bytes = bytesOf(hex);
      const read = fromBinary(slim.FrameSchema!, bytes);
      expect(read).toEqual(fromBinary(schemas.FrameSchema, bytes));
      expect(hexOf(toBinary(slim.FrameSchema!, read))).toBe(hex);
    },
  );
});

/** All of a field that reading and writing look at. */
function essence(field: DescMessage['fields'][number]) {
  const { localName, number, fieldKind, scalar, presence } = field;
  const list = field.fieldKind === 'list';
  return {
    ...{ localName, number, fieldKind, scalar, presence },
    listKind: list && field.listKind,
    message: field.message?.typeName,
    oneof: field.oneof?.localName,
    packed: list && field.packed,
    utf8: field.scalar === 9 && field.utf8Validation,
    delimited: field.fieldKind === 'message' && field.delimitedEncoding,
  };
}

describe('libp2p without its log', () => {
  test.each([
    ['this.log("a %s", b); go();', '; go();'],
    ['if (bad) log.error("x"); else go();', 'if (bad) ; else go();'],
    ['peer.log?.trace("x", () => { log("y"); });', ';'],
  ])('%s', (code, without) => {
    expect(withoutLogs(code)).toBe(without);
  });

  test.each(['const log = it.log.newScope("a");', 'Math.log(x) > 1 && go();', 'login();'])(
    '%s stays',
    (code) => {
      expect(withoutLogs(code)).toBe(code);
    },
  );
});

test('the wallet client is built from its own sources', () => {
  expect([...walletSources().keys()]).toEqual(
    expect.arrayContaining(['NWCClient', 'ReconnectingPool', 'logger', 'types']),
  );
  expect(walletSources().get('NWCClient')).toContain('export class NWCClient');
});
