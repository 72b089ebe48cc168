import { expect, it } from 'vitest';
import { combine, type Lookup, type Records } from '../../../src/doctor/probe/name-lookup.ts';

const v4 = { type: 'A', addresses: ['203.0.113.7'] } as const;
const v6 = { type: 'AAAA', addresses: ['2001:db8::7'] } as const;
const failed = <Type extends Records['type']>(type: Type, code: string) => ({ type, addresses: [], code });

it.each<[string, Records, Records, Lookup]>([
  ['both have addresses', v4, v6, { found: true, addresses: ['203.0.113.7', '2001:db8::7'] }],
  ['one has none', v4, failed('AAAA', 'ENODATA'), { found: true, addresses: ['203.0.113.7'] }],
  ['one does not exist', failed('A', 'ENOTFOUND'), v6, { found: true, addresses: ['2001:db8::7'] }],
  [
    'one fails',
    failed('A', 'ESERVFAIL'),
    v6,
    { found: true, addresses: ['2001:db8::7'], failedOn: { type: 'A', code: 'ESERVFAIL' } },
  ],
  [
    'the other one fails',
    v4,
    failed('AAAA', 'ETIMEOUT'),
    { found: true, addresses: ['203.0.113.7'], failedOn: { type: 'AAAA', code: 'ETIMEOUT' } },
  ],
  [
    'the name does not exist',
    failed('A', 'ENOTFOUND'),
    failed('AAAA', 'ENOTFOUND'),
    { found: false, code: 'ENOTFOUND' },
  ],
  [
    'the name has no address',
    failed('A', 'ENODATA'),
    failed('AAAA', 'ENODATA'),
    { found: false, code: 'ENODATA' },
  ],
  [
    'the server contradicts itself, and so the name exists',
    failed('A', 'ENOTFOUND'),
    failed('AAAA', 'ENODATA'),
    { found: false, code: 'ENODATA' },
  ],
  [
    'one fails and the other has none, so that nothing is known',
    failed('A', 'ENODATA'),
    failed('AAAA', 'ESERVFAIL'),
    { found: false, code: 'ESERVFAIL' },
  ],
])('combines the two record types: %s', (_, a, aaaa, lookup) => {
  expect(combine(a, aaaa)).toEqual(lookup);
});
