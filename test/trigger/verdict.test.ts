import { describe, expect, it } from 'vitest';
import { ephemeral } from '../../src/server/webhook/ephemeral-message.ts';
import { relayRemark } from '../../src/slack/relay-remark.ts';
import { buildRequest, type RequestKind } from '../../src/trigger/requests.ts';
import type { Answer } from '../../src/trigger/send-request.ts';
import { echoesChallenge, judgeAnswer } from '../../src/trigger/verdict.ts';

const nonce = '0123456789abcdef0123456789abcdef';

function answer(status: number, body = '', more: Partial<Answer> = {}): Answer {
  return { status, body, contentType: '', location: undefined, cut: false, milliseconds: 5, ...more };
}

function judge(kind: RequestKind, given: Answer | 'late', expectation: 'accepted' | 'refused' = 'accepted') {
  return judgeAnswer(kind, buildRequest(kind, { nowSeconds: 1, nonce }), given, expectation);
}

const json = { contentType: 'application/json; charset=utf-8' };
const html = { contentType: 'text/html; charset=utf-8' };

describe('an answer that Slack is content with', () => {
  it.each<[RequestKind, Answer]>([
    ['url-verification', answer(200, nonce, { contentType: 'text/plain' })],
    ['url-verification', answer(200, `{"challenge":"${nonce}"}`, json)],
    ['url-verification', answer(200, `challenge=${nonce}`)],
    ['slash-command', answer(200)],
    ['slash-command', answer(200, 'hello', { contentType: 'text/plain' })],
    ['slash-command', answer(200, '{"text":"hello"}', json)],
    ['slash-command', answer(200, '', json)],
    ['slash-command', answer(200, '', { milliseconds: 3000 })],
    ['block-actions', answer(200)],
    ['event', answer(200)],
    ['event', answer(204)],
    ['app-uninstalled', answer(202)],
    ['ssl-check', answer(200)],
  ])('%s: %j', (kind, given) => {
    expect(judge(kind, given)).toEqual({ ok: true, problems: [] });
  });
});

it('says where Slack is content with a relay’s own answer', () => {
  const id = '7ddcc9bb-068b-4cd5-aac1-0a7effca0a52';
  const body = JSON.stringify(ephemeral('Spacelift cannot be reached at the moment.', relayRemark(id)));
  const { ok, note } = judge('slash-command', answer(200, body, json));
  expect(ok).toBe(true);
  expect(note).toContain(`A relay answered in Spacelift’s place`);
  expect(note).toContain(id);
});

describe('an answer that Slack is not content with', () => {
  it.each<[RequestKind, Answer | 'late', RegExp, string | undefined]>([
    ['url-verification', answer(200, 'ok'), /challenge did not come back/, 'challenge_failed'],
    ['url-verification', answer(200, `${nonce}0`), /challenge did not come back/, 'challenge_failed'],
    ['url-verification', answer(401), /status is 401/, 'challenge_failed'],
    ['url-verification', 'late', /did not come/, 'challenge_failed'],
    ['slash-command', answer(201), /status is 201/, 'dispatch_failed'],
    ['slash-command', answer(404), /status is 404/, 'http_client_error'],
    ['slash-command', answer(502), /status is 502/, 'http_service_error'],
    ['slash-command', answer(200, '', { milliseconds: 3001 }), /3001 ms/, 'operation_timeout'],
    ['slash-command', 'late', /did not come/, 'operation_timeout'],
    ['slash-command', answer(200, '[]', json), /not a JSON object/, 'dispatch_failed'],
    ['slash-command', answer(200, '{', json), /not a JSON object/, 'dispatch_failed'],
    ['slash-command', answer(200, '<html>', html), /HTML page/, 'dispatch_failed'],
    ['slash-command', answer(302, '', { location: '/login' }), /redirects to \/login/, 'dispatch_failed'],
    ['block-actions', answer(500), /status is 500/, 'dispatch_failed'],
    ['event', answer(503), /status is 503/, 'http_error'],
    ['event', 'late', /did not come/, 'http_timeout'],
    ['event', answer(302), /redirects to nowhere/, undefined],
    ['ssl-check', answer(404), /status is 404/, undefined],
  ])('%s: %j', (kind, given, problem, word) => {
    const verdict = judge(kind, given);
    expect(verdict.ok).toBe(false);
    expect(verdict.problems.join(' ')).toMatch(problem);
    expect(verdict.word).toBe(word);
  });
});

describe('a forged request', () => {
  it.each([400, 401, 403])('is dealt with as it must be by %d', (status) => {
    expect(judge('slash-command', answer(status), 'refused')).toEqual({ ok: true, problems: [] });
  });

  it.each<[Answer | 'late', RegExp]>([
    [answer(200), /accepted/],
    [answer(404), /status is 404/],
    [answer(500), /status is 500/],
    [answer(302), /status is 302/],
    ['late', /at once/],
  ])('is not by %j', (given, problem) => {
    const { ok, problems } = judge('slash-command', given, 'refused');
    expect(ok).toBe(false);
    expect(problems.join(' ')).toMatch(problem);
  });

  it('is refused by a limit too, though not for its signature', () => {
    const { ok, problems, note } = judge('slash-command', answer(429), 'refused');
    expect({ ok, problems }).toEqual({ ok: true, problems: [] });
    expect(note).toContain('says nothing of its signature');
  });

  it('may be answered where it asks for nothing', () => {
    expect(judge('ssl-check', answer(200), 'refused').ok).toBe(true);
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
