import { describe, expect, test } from 'vitest';
import { findMembers } from '../../src/lib/app/desk/members.ts';
import { propertyWords } from '../../src/lib/app/format.ts';
import { sayable, toggled } from '../../src/lib/app/properties.ts';
import type { MembershipView } from '../../src/lib/app/types.ts';
import { propertyKinds } from '../../src/lib/protocol/job/properties.ts';
import { id } from './fixtures.ts';

function member(statement: string, over: Partial<MembershipView> = {}): MembershipView {
  return {
    applicationId: id(statement.charCodeAt(0).toString(16), 16),
    publicKey: id('aa'),
    peer: id('02', 33),
    name: 'worker',
    statement,
    receivedAtMs: statement.length,
    state: 'active',
    properties: [],
    reason: '',
    batches: 1,
    audit: [],
    ...over,
  };
}

const said = (members: readonly MembershipView[]) => members.map(({ statement }) => statement);

describe('what a desk can say it checked', () => {
  test.each(['worker', 'customer', 'settler'] as const)(
    'of a %s is what the protocol allows',
    (name) => {
      const allowed = Object.entries(propertyKinds).flatMap(([property, { of, values }]) =>
        of.includes(name) ? values.map((value) => ({ name: property, value })) : [],
      );
      expect(sayable(name)).toEqual(allowed);
      expect(sayable('anybody')).toEqual(sayable('worker'));
    },
  );

  test('has words for people', () => {
    for (const one of sayable('anybody'))
      expect(propertyWords(one)).toMatch(/^[A-Z][a-z ]+: [a-z]+$/);
  });

  test('is ticked and unticked, one value of a name at a time', () => {
    const good = { name: 'rating', value: 'good' };
    const excellent = { name: 'rating', value: 'excellent' };
    expect(toggled(toggled([], good), excellent)).toEqual([excellent]);
    expect(toggled([good], good)).toEqual([]);
  });
});

describe('finding members', () => {
  const members = [
    member('Ola, licence 17'),
    member('Kari', { state: 'revoked' }),
    member('Per Olav', { state: 'refused' }),
  ];
  const find = (...[filter, search]: [Parameters<typeof findMembers>[1], string]) =>
    said(findMembers(members, filter, search, () => 'Quiet Heron'));

  test('by standing, the latest first', () => {
    expect(find('active', '')).toEqual(['Ola, licence 17']);
    expect(find('all', '')).toEqual(['Ola, licence 17', 'Per Olav', 'Kari']);
  });

  test('by words, whatever their case, or by the name of their face', () => {
    expect(find('all', ' OLA ')).toEqual(['Ola, licence 17', 'Per Olav']);
    expect(find('revoked', 'heron')).toEqual(['Kari']);
    expect(find('all', 'nobody')).toEqual([]);
  });
});
