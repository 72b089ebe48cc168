import { expect, it } from 'vitest';
import { formatAddress, isSameAddress, parseAddress } from '../../../src/server/http/address.ts';

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
  ['a_b:65535', 'has an invalid host'],
  ['127.0.0.1:80x', 'has a port that is not a number up to 65535'],
  ['127.0.0.1:x80', 'has a port that is not a number up to 65535'],
  ['[::g]:3000', 'has an invalid host'],
])('rejects %j with what is wrong', (text, problem) => {
  expect(() => parseAddress(text, '--listen')).toThrow(`--listen ${problem}`);
});

it.each([
  '!127.0.0.1:3000',
  '127.0.0.1:3000 ',
  ' 127.0.0.1:3000',
  '[::1]x:3000',
  '127.0.0.1:300000',
  '::1',
  '[127.0.0.1]:3000',
])('rejects %j', (text) => {
  expect(() => parseAddress(text, '--listen')).toThrow(
    expect.objectContaining({
      code: 'address-invalid',
      exitCode: 2,
      hint: expect.stringContaining('[::1]:3000'),
    }),
  );
});

it('accepts the highest port', () => {
  expect(parseAddress('0.0.0.0:65535', '--listen')).toEqual({ host: '0.0.0.0', port: 65_535 });
});

it.each([
  ['127.0.0.1:3000', '127.0.0.1:3000', true],
  ['A.example:3000', 'a.example:3000', true],
  ['127.0.0.1:3000', '127.0.0.1:3001', false],
  ['127.0.0.1:3000', '127.0.0.2:3000', false],
  ['localhost:3000', '127.0.0.1:3000', true],
  ['[::1]:3000', 'LOCALHOST:3000', true],
  ['[::1]:3000', '127.0.0.1:3000', false],
  ['localhost:3000', '192.0.2.7:3000', false],
  ['127.0.0.1:0', '127.0.0.1:0', false],
])('%s and %s are the same address: %s', (one, other, same) => {
  const [first, second] = [parseAddress(one, '--listen'), parseAddress(other, '--listen')];
  expect(isSameAddress(first, second)).toBe(same);
  expect(isSameAddress(second, first)).toBe(same);
});

it.each(['127.0.0.1:3000', '[::1]:3000'])('writes %s as it was given', (text) => {
  expect(formatAddress(parseAddress(text, '--listen'))).toBe(text);
});
