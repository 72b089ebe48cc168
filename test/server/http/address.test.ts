import { expect, it } from 'vitest';
import { parseAddress } from '../../../src/server/http/address.ts';

it.each([
  ['127.0.0.1:3000', { host: '127.0.0.1', port: 3000 }],
  ['localhost:0', { host: 'localhost', port: 0 }],
  ['[::1]:3000', { host: '::1', port: 3000 }],
])('parses %s', (text, address) => {
  expect(parseAddress(text, '--listen')).toEqual(address);
});

it.each([
  ['http://127.0.0.1:3000', 'has a scheme'],
  ['127.0.0.1:3000/webhooks', 'has a path'],
  ['3000', 'has a port but no host'],
  [':3000', 'has a port but no host'],
  ['::1:3000', 'has an IPv6 address without brackets'],
  ['127.0.0.1', 'has no port'],
  ['127.0.0.1:', 'has no port'],
  ['[::1]', 'has no port'],
  ['', 'has no port'],
  ['127.0.0.1:http', 'has a port that is not a number up to 65535'],
  ['127.0.0.1:65536', 'has a port that is not a number up to 65535'],
  ['a_b:3000', 'has an invalid host'],
  ['[::g]:3000', 'has an invalid host'],
])('rejects %j with what is wrong', (text, problem) => {
  expect(() => parseAddress(text, '--listen')).toThrow(`--listen ${problem}`);
});
