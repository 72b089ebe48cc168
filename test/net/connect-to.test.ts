import { describe, expect, it } from 'vitest';
import { findRoute, parseConnectTo } from '../../src/net/connect-to.ts';
import { parseDnsServer } from '../../src/net/dns-server.ts';

describe('parseConnectTo', () => {
  it.each([
    [
      'a.example.com:443:10.0.0.5:8443',
      { host: 'a.example.com', port: 443, toHost: '10.0.0.5', toPort: 8443 },
    ],
    [
      'A.Example.com:443:lb.internal:443',
      { host: 'a.example.com', port: 443, toHost: 'lb.internal', toPort: 443 },
    ],
    ['a.example.com:443:[2001:db8::1]:8443', { toHost: '2001:db8::1', toPort: 8443 }],
    ['::10.0.0.5:', { host: undefined, port: undefined, toHost: '10.0.0.5', toPort: undefined }],
    ['a.example.com:443::8443', { toHost: undefined, toPort: 8443 }],
    [':::', { host: undefined, port: undefined, toHost: undefined, toPort: undefined }],
  ])('parses %s as curl does', (text, parts) => {
    expect(parseConnectTo(text)).toMatchObject(parts);
  });

  it.each([
    '',
    'a.example.com',
    'a.example.com:443',
    'a.example.com:443:10.0.0.5',
    'a:443:b:8443:c',
    'a:0:b:1',
    'a:443:b:65536',
    'a:https:b:443',
    'a:443:[not-v6]:443',
    'a:443:2001:db8::1:443',
  ])('rejects %j', (text) => {
    expect(parseConnectTo(text)).toBeUndefined();
  });
});

describe('findRoute', () => {
  const rules = ['b.example.com:443:x:1', 'a.example.com:80:x:2', 'a.example.com:443:x:3', '::x:4'].flatMap(
    (text) => parseConnectTo(text) ?? [],
  );

  it.each([
    ['a.example.com', 443, 3],
    ['b.example.com', 443, 1],
    ['c.example.com', 443, 4],
  ])('finds the first rule that matches %s:%d', (host, port, toPort) => {
    expect(findRoute(rules, host, port)?.toPort).toBe(toPort);
  });
});

describe('parseDnsServer', () => {
  it.each([
    ['1.1.1.1', '1.1.1.1'],
    ['127.0.0.1:5353', '127.0.0.1:5353'],
    ['2606:4700::1111', '[2606:4700::1111]:53'],
    ['[2606:4700::1111]:5353', '[2606:4700::1111]:5353'],
  ])('parses %s', (text, server) => {
    expect(parseDnsServer(text)).toBe(server);
  });

  it.each(['', 'dns.example.com', '1.1.1', '1.1.1.1:', '1.1.1.1:0', '1.1.1.1:99999', '[1.1.1.1]:53'])(
    'rejects %j',
    (text) => {
      expect(parseDnsServer(text)).toBeUndefined();
    },
  );
});
