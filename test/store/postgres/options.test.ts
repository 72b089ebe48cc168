import { expect, it } from 'vitest';
import { parseOptions } from '../../../src/store/postgres/options.ts';

it.each([
  ['', {}],
  ['  ', {}],
  ['-c search_path=slack', { search_path: 'slack' }],
  ['-csearch_path=slack', { search_path: 'slack' }],
  ['--search_path=slack', { search_path: 'slack' }],
  ['--work-mem=8MB --lock-timeout=5s', { work_mem: '8MB', lock_timeout: '5s' }],
  ['  -c  a=1   -c b=2 ', { a: '1', b: '2' }],
  ['-c search_path=a\\ b,c', { search_path: 'a b,c' }],
  ['-c a=b=c', { a: 'b=c' }],
  ['-c a=', { a: '' }],
  ['-c a=1 -c a=2', { a: '2' }],
  ['-c my.setting=1', { 'my.setting': '1' }],
  ['-c a=\\\\b', { a: '\\b' }],
  ['-c a=x\\\ny', { a: 'x\ny' }],
])('parses %j', (options, settings) => {
  expect(parseOptions(options)).toEqual(settings);
});

it.each(['-c', '-c a', 'a=1', '-E', '--', '-c=1', '-a=1', 'x-ca=1', '--a', '-c a=1 b', '-c a$=1'])(
  'rejects %j, which is no list of settings',
  (options) => {
    expect(parseOptions(options)).toBeUndefined();
  },
);
