import { expect, it } from 'vitest';
import { parseUrl } from '../src/parse-url.ts';

it('parses a URL, alone or relative to another one', () => {
  expect(parseUrl('https://spacelift.example.com/slack_oauth')?.pathname).toBe('/slack_oauth');
  expect(parseUrl('/slack_oauth', 'https://spacelift.example.com')?.href).toBe(
    'https://spacelift.example.com/slack_oauth',
  );
});

it.each(['', '/slack_oauth', 'https://', 'https://spacelift.example.com:99999'])(
  'does not parse "%s"',
  (text) => {
    expect(parseUrl(text)).toBeUndefined();
  },
);

// With URL.canParse, Node 20 and 22 failed from about the 8,000th call.
it('parses a host in Latin-1 however often it is called', () => {
  const hosts = Array.from({ length: 50_000 }, () => parseUrl('https://bücher.example/slack')?.host);
  expect([...new Set(hosts)]).toEqual(['xn--bcher-kva.example']);
});
