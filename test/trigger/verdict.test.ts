import { describe, expect, it } from 'vitest';
import { ephemeral } from '../../src/server/webhook/ephemeral-message.ts';
import { relayRemark } from '../../src/slack/relay-remark.ts';
import { buildRequest, type RequestKind } from '../../src/trigger/requests.ts';
import type { EndpointResponse } from '../../src/trigger/send-request.ts';
import { echoesChallenge, judgeResponse } from '../../src/trigger/verdict.ts';

const nonce = '0123456789abcdef0123456789abcdef';

function respond(status: number, body = '', more: Partial<EndpointResponse> = {}): EndpointResponse {
  return { status, body, contentType: '', location: undefined, cut: false, milliseconds: 5, ...more };
}

function judge(
  kind: RequestKind,
  given: EndpointResponse | 'late',
  expectation: 'accepted' | 'rejected' = 'accepted',
) {
  return judgeResponse(kind, buildRequest(kind, { nowSeconds: 1, nonce }), given, expectation);
}

const json = { contentType: 'application/json; charset=utf-8' };
const html = { contentType: 'text/html; charset=utf-8' };

describe('a response that Slack accepts', () => {
  it.each<[RequestKind, EndpointResponse]>([
    ['url-verification', respond(200, nonce, { contentType: 'text/plain' })],
    ['url-verification', respond(200, `{"challenge":"${nonce}"}`, json)],
    ['url-verification', respond(200, `challenge=${nonce}`)],
    ['slash-command', respond(200)],
    ['slash-command', respond(200, 'hello', { contentType: 'text/plain' })],
    ['slash-command', respond(200, '{"text":"hello"}', json)],
    ['slash-command', respond(200, '', json)],
    ['slash-command', respond(200, '', { milliseconds: 3000 })],
    ['block-actions', respond(200)],
    ['event', respond(200)],
    ['event', respond(204)],
    ['app-uninstalled', respond(202)],
    ['ssl-check', respond(200)],
  ])('is accepted for %s: %j', (kind, given) => {
    expect(judge(kind, given)).toEqual({ ok: true, problems: [] });
  });
});

it('notes that a challenge came back as HTML, as doctor warns', () => {
  const { ok, note } = judge('url-verification', respond(200, nonce, html));
  expect(ok).toBe(true);
  expect(note).toMatch(/^The challenge came back as text\/html; Slack documents text\/plain/);
});

it('notes that a relay responded instead of Spacelift', () => {
  const id = '7ddcc9bb-068b-4cd5-aac1-0a7effca0a52';
  const body = JSON.stringify(ephemeral('Spacelift cannot be reached at the moment.', relayRemark(id)));
  const { ok, note } = judge('slash-command', respond(200, body, json));
  expect(ok).toBe(true);
  expect(note).toContain(`A relay responded instead of Spacelift`);
  expect(note).toContain(id);
});

describe('a response that Slack rejects', () => {
  it.each<[RequestKind, EndpointResponse | 'late', RegExp, string | undefined]>([
    ['url-verification', respond(200, 'ok'), /does not return the challenge/, 'challenge_failed'],
    ['url-verification', respond(200, `${nonce}0`), /does not return the challenge/, 'challenge_failed'],
    ['url-verification', respond(401), /got 401\./, 'challenge_failed'],
    ['url-verification', 'late', /No response in time/, 'challenge_failed'],
    ['slash-command', respond(201), /got 201\./, 'dispatch_failed'],
    ['slash-command', respond(404), /got 404\./, 'http_client_error'],
    ['slash-command', respond(502), /got 502\./, 'http_service_error'],
    ['slash-command', respond(200, '', { milliseconds: 3001 }), /3001 ms/, 'operation_timeout'],
    ['slash-command', 'late', /No response in time/, 'operation_timeout'],
    ['slash-command', respond(200, '[]', json), /not a JSON object/, 'dispatch_failed'],
    ['slash-command', respond(200, '{', json), /not a JSON object/, 'dispatch_failed'],
    ['slash-command', respond(200, '<html>', html), /HTML page/, 'dispatch_failed'],
    ['slash-command', respond(302, '', { location: '/login' }), /redirects to \/login/, 'dispatch_failed'],
    ['block-actions', respond(500), /got 500\./, 'dispatch_failed'],
    ['event', respond(503), /got 503\./, 'http_error'],
    ['event', 'late', /No response in time/, 'http_timeout'],
    ['event', respond(302), /redirects without a location/, undefined],
    ['ssl-check', respond(404), /got 404\./, undefined],
  ])('is rejected for %s: %j', (kind, given, problem, word) => {
    const verdict = judge(kind, given);
    expect(verdict.ok).toBe(false);
    expect(verdict.problems.join(' ')).toMatch(problem);
    expect(verdict.word).toBe(word);
  });
});

describe('a forged request', () => {
  it.each([400, 401, 403])('counts as rejected with status %d', (status) => {
    expect(judge('slash-command', respond(status), 'rejected')).toEqual({ ok: true, problems: [] });
  });

  it.each<[EndpointResponse | 'late', RegExp]>([
    [respond(200), /accepted it with status 200/],
    [respond(404), /got 404\./],
    [respond(500), /got 500\./],
    [respond(302), /got 302\./],
    ['late', /at once/],
  ])('does not count as rejected with %j', (given, problem) => {
    const { ok, problems } = judge('slash-command', given, 'rejected');
    expect(ok).toBe(false);
    expect(problems.join(' ')).toMatch(problem);
  });

  it('counts as rejected by a rate limit, with a note that its signature was not checked', () => {
    const { ok, problems, note } = judge('slash-command', respond(429), 'rejected');
    expect({ ok, problems }).toEqual({ ok: true, problems: [] });
    expect(note).toContain('the signature was not tested');
  });

  it('may be accepted if it has no effect', () => {
    expect(judge('ssl-check', respond(200), 'rejected').ok).toBe(true);
  });
});

describe('echoesChallenge', () => {
  it.each(['null', '[]', '"abc"', '{"challenge":1}', 'challenge=abcd', '', 'the challenge is abc'])(
    'does not find abc in %j',
    (body) => {
      expect(echoesChallenge(body, 'abc')).toBe(false);
    },
  );
});
