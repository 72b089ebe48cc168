import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { Route } from '../../../src/server/http/route.ts';
import { RouteTable, splitTarget } from '../../../src/server/http/route-table.ts';

const route = (method: 'GET' | 'POST', path: string): Route => ({
  method,
  path,
  kind: 'page',
  handle: () => Promise.reject(new Error('it was called')),
});
const hook = route('POST', '/hook');
const [page, save] = [route('GET', '/page'), route('POST', '/page')];
const table = new RouteTable([hook, page, save]);

function find(method: string, path: string, { version = '1.1', hosts = ['a'] } = {}) {
  const request = new IncomingMessage(new Socket());
  request.method = method;
  request.httpVersion = version;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  request.httpVersionMajor = major;
  request.httpVersionMinor = minor;
  return table.find(request, path, `${method} ${path}`, hosts.length === 0 ? {} : { host: hosts });
}

it('finds the route of a method and a path', () => {
  expect(find('POST', '/hook')).toBe(hook);
  expect(find('GET', '/page')).toBe(page);
  expect(find('POST', '/page')).toBe(save);
});

it.each(['/', '/hook/', '/Hook', '/%68ook', 'hook', ''])('has nothing at %j', (path) => {
  expect(find('POST', path)).toMatchObject({
    response: { status: 404, body: '{"error":"not_found"}' },
    subject: { kind: 'unknown', what: `POST ${path}` },
    outcome: { kind: 'not-found' },
  });
});

it.each([
  ['GET', '/hook', 'POST'],
  ['HEAD', '/page', 'GET, POST'],
  ['post', '/hook', 'POST'],
])('rejects %s %s, and names the methods that there are', (method, path, allow) => {
  expect(find(method, path)).toMatchObject({
    response: {
      status: 405,
      headers: { Allow: allow, 'Content-Type': 'application/json; charset=utf-8' },
      body: '{"error":"method_not_allowed"}',
    },
    subject: { kind: 'page', what: `${method} ${path}` },
    outcome: { kind: 'invalid-request', reason: `not ${allow}` },
  });
});

it.each([
  ['2.0', ['a'], 505, 'http_version', 'not HTTP/1'],
  ['0.9', [], 505, 'http_version', 'not HTTP/1'],
  ['1.1', ['a', 'b'], 400, 'bad_request', 'two Host headers'],
  ['1.0', ['a', 'b'], 400, 'bad_request', 'two Host headers'],
  ['1.1', [], 400, 'bad_request', 'no Host header'],
])('rejects HTTP/%s with the hosts %j', (version, hosts, status, error, reason) => {
  expect(find('POST', '/hook', { version, hosts })).toMatchObject({
    response: { status, body: JSON.stringify({ error }) },
    subject: { kind: 'page', what: 'POST /hook' },
    outcome: { kind: 'invalid-request', reason },
  });
});

it('requires no Host of HTTP/1.0', () => {
  expect(find('POST', '/hook', { version: '1.0', hosts: [] })).toBe(hook);
  expect(find('POST', '/hook', { version: '1.0' })).toBe(hook);
});

it.each([
  ['/hook', '/hook', ''],
  ['/hook?a=1&b', '/hook', 'a=1&b'],
  ['/hook?', '/hook', ''],
  ['/hook?a?b', '/hook', 'a?b'],
  ['/http://x/y', '/http://x/y', ''],
  ['http://a.example/hook?a=1', '/hook', 'a=1'],
  ['HTTPS://a.example:443/hook', '/hook', ''],
  ['http://a.example?a=1', '', 'a=1'],
  ['http://a.example', '', ''],
  ['xhttp://a.example/hook', 'xhttp://a.example/hook', ''],
  ['http:///hook', 'http:///hook', ''],
  ['*', '*', ''],
  ['', '', ''],
])('splits %j into %j and %j', (target, path, query) => {
  expect(splitTarget(target)).toEqual({ path, query });
});
