import { describe, expect, it } from 'vitest';
import { parseDomain, withoutUserInfo } from '../src/domain.ts';

describe('parseDomain accepts what people type', () => {
  it.each<[string, string, readonly string[]]>([
    ['spacelift.example.com', 'spacelift.example.com', []],
    ['example.com', 'example.com', []],
    ['a.b.c.d.example.com', 'a.b.c.d.example.com', []],
    ['1and1.example.com', '1and1.example.com', []],
    ['123.example.com', '123.example.com', []],
    ['a-b.example.com', 'a-b.example.com', []],
    ['a--b.example.com', 'a--b.example.com', []],
    ['xn--bcher-kva.example.com', 'xn--bcher-kva.example.com', []],
    ['spacelift.xn--p1ai', 'spacelift.xn--p1ai', []],
    [`${'a'.repeat(63)}.example.com`, `${'a'.repeat(63)}.example.com`, []],
    ['your-domain.example.com', 'your-domain.example.com', []],
    ['  spacelift.example.com\n', 'spacelift.example.com', []],
    ['Spacelift.Example.COM', 'spacelift.example.com', ['lowered the case']],
    ['spacelift.example.com.', 'spacelift.example.com', ['removed the trailing dot']],
    ['spacelift.example.com/', 'spacelift.example.com', ['removed the trailing slash']],
    ['spacelift.example.com:443', 'spacelift.example.com', ['removed the port 443']],
    ['https://spacelift.example.com', 'spacelift.example.com', ['removed the scheme https://']],
    ['http://spacelift.example.com', 'spacelift.example.com', ['removed the scheme http://']],
    [
      'HTTPS://Spacelift.example.com.:443/',
      'spacelift.example.com',
      [
        'removed the scheme https://',
        'removed the trailing slash',
        'removed the port 443',
        'removed the trailing dot',
        'lowered the case',
      ],
    ],
    [
      'bücher.example.com',
      'xn--bcher-kva.example.com',
      ['wrote bücher.example.com in its ASCII form xn--bcher-kva.example.com'],
    ],
    [
      'BÜCHER.example.com',
      'xn--bcher-kva.example.com',
      ['wrote BÜCHER.example.com in its ASCII form xn--bcher-kva.example.com'],
    ],
    [
      'spacelift。example。com',
      'spacelift.example.com',
      ['wrote spacelift。example。com in its ASCII form spacelift.example.com'],
    ],
    ['россия.рф', 'xn--h1alffa9f.xn--p1ai', ['wrote россия.рф in its ASCII form xn--h1alffa9f.xn--p1ai']],
  ])('reads %j', (input, domain, changes) => {
    expect(parseDomain(input)).toEqual({ ok: true, domain, changes });
  });

  it('does not change a domain that it returned', () => {
    const parsed = parseDomain('HTTPS://BÜCHER.example.com/');
    expect(parsed.ok && parseDomain(parsed.domain)).toMatchObject({ ok: true, changes: [] });
  });
});

describe('parseDomain rejects what it would have to guess', () => {
  const longest = Array.from({ length: 4 }, () => 'a'.repeat(62)).join('.');
  it.each<[string, string]>([
    ['', 'is empty'],
    ['  ', 'is empty'],
    ['https://', 'names no host'],
    ['spacelift example.com', 'blank'],
    ['spacelift\u200b.example.com', 'invisible'],
    ['space\u00adlift.example.com', 'invisible'],
    ['spacelift\u00a0.example.com', 'blank'],
    ['a.example.com\nb.example.com', 'blank'],
    ['ftp://spacelift.example.com', 'has the scheme ftp'],
    ['slack://spacelift.example.com', 'has the scheme slack'],
    ['spacelift.example.com/webhooks/slack', 'contains a path'],
    ['https://spacelift.example.com/slack_oauth', 'contains a path'],
    ['spacelift.example.com//', 'contains a path'],
    ['spacelift.example.com?a=b', 'contains a query'],
    ['https://spacelift.example.com/?', 'contains a query'],
    ['spacelift.example.com#a', 'contains a fragment'],
    ['spacelift.example.com#', 'contains a fragment'],
    ['admin@spacelift.example.com', 'contains user information'],
    ['https://user:pass@spacelift.example.com', 'contains user information'],
    ['spacelift\\example.com', 'contains a backslash'],
    ['spacelift%2eexample%2Ecom', 'contains a percent sign'],
    ['https://foo%2ecom', 'contains a percent sign'],
    ['spacelift%', 'contains a percent sign'],
    ['*.example.com', 'is a wildcard'],
    ['spacelift.*.com', 'is a wildcard'],
    ['<your-domain>', 'is a placeholder'],
    ['<subdomain>.example.com', 'is a placeholder'],
    ['{domain}', 'is a placeholder'],
    [`\${DOMAIN}`, 'is a placeholder'],
    ['https://<your-domain>', 'is a placeholder'],
    ['[your-domain]', 'is a placeholder'],
    ['192.0.2.1', 'is an IP address'],
    ['https://10.0.0.1', 'is an IP address'],
    ['127.1', 'is an IP address'],
    ['0x7f000001', 'is an IP address'],
    ['2130706433', 'is an IP address'],
    ['::1', 'is an IP address'],
    ['[::1]', 'is an IP address'],
    ['https://[2001:db8::1]', 'is an IP address'],
    ['[::1]:443', 'is an IP address'],
    ['192.0.2.1:443', 'is an IP address'],
    ['localhost', 'is this machine itself'],
    ['LOCALHOST', 'is this machine itself'],
    ['https://localhost:443/', 'is this machine itself'],
    ['spacelift.localhost', 'is this machine itself'],
    ['spacelift', 'is a single label'],
    ['spacelift.', 'is a single label'],
    ['spacelift.example.com:8443', 'names the port 8443'],
    ['spacelift.example.com:80', 'names the port 80'],
    ['spacelift.example.com:', 'names an empty port'],
    ['localhost:3000', 'names the port 3000'],
    ['spacelift..example.com', 'has an empty label'],
    ['.example.com', 'has an empty label'],
    ['spacelift.example.com..', 'has an empty label'],
    [`${'a'.repeat(64)}.example.com`, 'has a label of 64 characters'],
    [`${longest}.com`, 'has 255 characters'],
    ['-a.example.com', 'has the label "-a"'],
    ['a-.example.com', 'has the label "a-"'],
    ['a_b.example.com', 'has the label "a_b"'],
    ['a,b.example.com', 'has the label "a,b"'],
    ['example.123', 'ends in a number'],
    ['spacelift.example.com:abc', 'is not a host name'],
    ['xn--a.example.com', 'is not a host name'],
  ])('rejects %j, which %s', (input, reason) => {
    const parsed = parseDomain(input);
    expect(parsed).toMatchObject({
      ok: false,
      problem: expect.stringContaining(reason),
      hint: expect.stringMatching(/^[A-Z].*\.$/),
    });
  });
});

it.each([
  ['spacelift.example.com', 'spacelift.example.com'],
  ['https://user:pass@spacelift.example.com', 'https://…@spacelift.example.com'],
  ['https://user:p/a@ss@spacelift.example.com/x', 'https://…@spacelift.example.com/x'],
  ['user:pass@spacelift.example.com', '…@spacelift.example.com'],
  ['user:pass%40spacelift.example.com', '…%40spacelift.example.com'],
])('shows %s without its user information', (text, shown) => {
  expect(withoutUserInfo(text)).toBe(shown);
});
