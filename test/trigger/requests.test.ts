import { describe, expect, it } from 'vitest';
import { signingKey, verify } from '../../src/slack/signature.ts';
import {
  buildRequest,
  dataProblem,
  type RequestKind,
  type RequestValues,
  requestHeaders,
  requestKinds,
} from '../../src/trigger/requests.ts';

const nonce = '0123456789abcdef0123456789abcdef';
const values = { nowSeconds: 1_700_000_000, nonce };

function bodyOf(kind: RequestKind, more: Partial<RequestValues> = {}): string {
  return Buffer.from(buildRequest(kind, { ...values, ...more }).body).toString('utf8');
}

function formOf(kind: RequestKind, more: Partial<RequestValues> = {}): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(bodyOf(kind, more)));
}

describe('buildRequest', () => {
  it.each<[RequestKind, string]>([
    ['url-verification', 'application/json'],
    ['event', 'application/json'],
    ['app-uninstalled', 'application/json'],
    ['slash-command', 'application/x-www-form-urlencoded'],
    ['block-actions', 'application/x-www-form-urlencoded'],
    ['ssl-check', 'application/x-www-form-urlencoded'],
  ])('sends %s as %s', (kind, contentType) => {
    expect(buildRequest(kind, values).contentType).toBe(contentType);
  });

  it('sends a url-verification of exactly three fields, with a challenge to return', () => {
    const { body, challenge } = buildRequest('url-verification', values);
    expect(Buffer.from(body).toString()).toBe(
      `{"token":"spacelift-slack-trigger","challenge":"${nonce}","type":"url_verification"}`,
    );
    expect(challenge).toBe(nonce);
  });

  it('sends a slash-command with the documented fields', () => {
    expect(formOf('slash-command', { text: 'subscribe my stäck & more' })).toMatchObject({
      command: '/spacelift',
      text: 'subscribe my stäck & more',
      response_url: expect.stringMatching(/^https:\/\/hooks\.slack\.com\/commands\//),
      trigger_id: expect.any(String),
      api_app_id: expect.stringMatching(/^A/),
      team_id: expect.stringMatching(/^T/),
      channel_id: expect.stringMatching(/^C/),
      user_id: expect.stringMatching(/^U/),
    });
    expect(bodyOf('slash-command', { text: 'a b&c' })).toContain('&text=a+b%26c&');
    expect(formOf('slash-command')['text']).toBe('help');
  });

  it('sends block-actions as one form field, payload', () => {
    const form = formOf('block-actions');
    expect(Object.keys(form)).toEqual(['payload']);
    expect(JSON.parse(form['payload'] ?? '')).toMatchObject({
      type: 'block_actions',
      team: { id: expect.any(String), domain: expect.any(String) },
      actions: [{ type: 'button', action_id: expect.any(String), block_id: expect.any(String) }],
      container: { type: 'message' },
    });
  });

  it('sends event and app-uninstalled in an envelope with an event_id and the time', () => {
    for (const [kind, type] of [
      ['event', 'app_home_opened'],
      ['app-uninstalled', 'app_uninstalled'],
    ] as const) {
      expect(JSON.parse(bodyOf(kind))).toMatchObject({
        type: 'event_callback',
        event_id: 'Ev0123456789',
        event_time: values.nowSeconds,
        team_id: expect.any(String),
        api_app_id: expect.any(String),
        event: { type, event_ts: expect.any(String) },
        authorizations: [{ is_bot: true }],
      });
    }
  });

  it('sends ssl-check with exactly the fields that Slack sends', () => {
    expect(bodyOf('ssl-check')).toBe('ssl_check=1&token=spacelift-slack-trigger');
  });
});

describe('data', () => {
  const data = (text: string) => ({ data: Buffer.from(text) });

  it('replaces the fields that a JSON object names', () => {
    expect(formOf('slash-command', data('{"command":"/deploy","team_id":"T1"}'))).toMatchObject({
      command: '/deploy',
      team_id: 'T1',
      text: 'help',
    });
    expect(JSON.parse(bodyOf('event', data('{"event":{"type":"tokens_revoked"}}')))).toMatchObject({
      type: 'event_callback',
      event: { type: 'tokens_revoked' },
    });
    expect(JSON.parse(formOf('block-actions', data('{"team":null}'))['payload'] ?? '')).toMatchObject({
      type: 'block_actions',
      team: null,
    });
    expect(buildRequest('url-verification', { ...values, ...data('{"challenge":"mine"}') }).challenge).toBe(
      'mine',
    );
  });

  it.each<[RequestKind, string]>([
    ['event', '{ "type": "event_callback",  "event": {} }\n'],
    ['event', '[1]'],
    ['event', 'null'],
    ['event', '{broken'],
    ['url-verification', '{"type":"url_verification", "challenge":"x"}'],
    ['slash-command', 'command=%2Fdeploy&text=now'],
    ['block-actions', 'payload=%7B%7D'],
  ])('sends a whole body of %s unchanged: %j', (kind, text) => {
    expect(bodyOf(kind, data(text))).toBe(text);
  });

  it('keeps bytes that are not UTF-8', () => {
    const bytes = Buffer.from([0x74, 0x3d, 0xff, 0xfe]);
    expect(Buffer.from(buildRequest('slash-command', { ...values, data: bytes }).body)).toEqual(bytes);
  });

  it('sends a whole payload unchanged', () => {
    const payload = '{ "type": "shortcut" }';
    expect(formOf('block-actions', data(payload))).toEqual({ payload });
  });
});

describe('requestHeaders', () => {
  it.each(requestKinds)('signs %s with a signature that verifies', (kind) => {
    const request = buildRequest(kind, values);
    const headers = requestHeaders(request, { secret: 's', timestamp: '1700000000' });
    const result = verify(
      {
        signatures: [headers['X-Slack-Signature'] ?? ''],
        timestamps: [headers['X-Slack-Request-Timestamp'] ?? ''],
        body: request.body,
      },
      [signingKey('s')],
      values.nowSeconds,
    );
    expect(result).toEqual({ valid: true, secret: 0 });
    expect(headers['Content-Length']).toBe(String(request.body.byteLength));
    expect(headers).not.toHaveProperty('X-Slack-Retry-Num');
  });

  it('numbers a retry and gives its reason', () => {
    const headers = requestHeaders(buildRequest('event', values), { secret: 's', timestamp: '1', retry: 2 });
    expect(headers).toMatchObject({ 'X-Slack-Retry-Num': '2', 'X-Slack-Retry-Reason': 'http_timeout' });
  });
});

it.each<[RequestKind, string, string | undefined]>([
  ['event', '{"event_id":"Ev1"}', undefined],
  ['event', '{"event_id":"Ev1"', 'is not a JSON object'],
  ['event', '[]', 'is not a JSON object'],
  ['url-verification', '', 'is not a JSON object'],
  ['slash-command', 'command=%2Fdeploy&text=a', undefined],
  ['slash-command', '{"command":"/deploy"}', undefined],
  ['slash-command', '{"command":"/a=b"', 'is neither a JSON object nor a form'],
  ['block-actions', 'hello', 'is neither a JSON object nor a form'],
])('checks whether data is a body of its kind: %s %j', (kind, data, problem) => {
  expect(dataProblem(kind, Buffer.from(data))).toBe(problem);
});
