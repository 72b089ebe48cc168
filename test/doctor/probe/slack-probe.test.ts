import { describe, expect, it } from 'vitest';
import type { Peer } from '../../../src/doctor/probe/handshake.ts';
import type { HttpRequest, ProbeResult } from '../../../src/doctor/probe/http-request.ts';
import type { Network } from '../../../src/doctor/probe/network.ts';
import { createSlackProbe, type SlackProbe } from '../../../src/doctor/probe/slack-probe.ts';
import { createRedactor } from '../../../src/doctor/redactor.ts';
import { tool } from '../../../src/package.ts';
import { signingKey, verify } from '../../../src/slack/signature.ts';
import { host, late, response, secret } from '../given.ts';

const peer: Peer = { address: '203.0.113.7', port: 443 };
const nowSeconds = 1_700_000_000;

interface Sent {
  readonly peer: Peer;
  readonly message: HttpRequest;
  readonly options: Parameters<Network['send']>[2];
}

/** A probe whose network keeps what is sent, and gives this response. */
function open(respond: (message: HttpRequest) => ProbeResult = () => response(401)) {
  const sent: Sent[] = [];
  const redactor = createRedactor([]);
  const network: Pick<Network, 'send'> = {
    send: async (to, message, options) => {
      sent.push({ peer: to, message, options });
      return respond(message);
    },
  };
  return { probe: createSlackProbe(network, host, redactor, () => nowSeconds * 1000 + 999), sent, redactor };
}

/** The one request that is sent. */
async function sentBy(send: (probe: SlackProbe) => Promise<unknown>): Promise<Sent> {
  const { probe, sent } = open();
  await send(probe);
  const [first] = sent;
  if (first === undefined || sent.length > 1) throw new Error(`${sent.length} requests were sent`);
  return first;
}

const bodyOf = ({ message }: Sent) => message.body ?? '';
const header = ({ message }: Sent, name: string) => message.headers[name];

/** Whether Slack's signature is right at the time of these tests. */
function judgedBy(signingSecret: string, sent: Sent, body = bodyOf(sent)) {
  const values = (name: string) => [header(sent, name) ?? []].flat();
  const verified = verify(
    {
      signatures: values('X-Slack-Signature'),
      timestamps: values('X-Slack-Request-Timestamp'),
      body: Buffer.from(body),
    },
    [signingKey(signingSecret)],
    nowSeconds,
  );
  return verified.valid ? 'valid' : verified.reason;
}

const json = 'application/json';
const formType = 'application/x-www-form-urlencoded';
const slackAgent = 'Slackbot 1.0 (+https://api.slack.com/robots)';
const ownAgent = `${tool.name}/${tool.version} (doctor)`;
const right = { secret, offsetSeconds: 0 };

describe('each request', () => {
  it.each<[string, (probe: SlackProbe) => Promise<unknown>, string, string]>([
    ['challenge', (probe) => probe.challenge(peer, right), json, 'valid'],
    ['freshChallenge', (probe) => probe.freshChallenge(peer, secret), json, 'valid'],
    ['forgedChallenge', (probe) => probe.forgedChallenge(peer), json, 'signature-wrong'],
    ['unsignedChallenge', (probe) => probe.unsignedChallenge(peer), json, 'timestamp-missing'],
    [
      'challenge ten minutes ago',
      (probe) => probe.challenge(peer, { secret, offsetSeconds: -600 }),
      json,
      'timestamp-stale',
    ],
    [
      'challenge with a signature over something else',
      (probe) => probe.challenge(peer, { ...right, over: '' }),
      json,
      'signature-wrong',
    ],
    ['form', (probe) => probe.form(peer, right), formType, 'valid'],
    ['forgedForm', (probe) => probe.forgedForm(peer), formType, 'signature-wrong'],
    ['unsignedForm', (probe) => probe.unsignedForm(peer), formType, 'timestamp-missing'],
  ])('is as Slack sends it, and signed as it is meant: %s', async (_, send, contentType, signature) => {
    const sent = await sentBy(send);
    expect(sent.peer).toBe(peer);
    expect(sent.message).toMatchObject({
      method: 'POST',
      host,
      path: '/webhooks/slack',
      headers: { 'Content-Type': contentType, 'User-Agent': slackAgent, Accept: '*/*' },
    });
    expect(sent.options).toEqual({});
    expect(judgedBy(secret, sent)).toBe(signature);
  });

  it('signs what it is told to sign', async () => {
    const sent = await sentBy((probe) => probe.challenge(peer, { ...right, over: '' }));
    expect(judgedBy(secret, sent, '')).toBe('valid');
  });

  it.each([-600, 0, 600])('has the time that lies %d s from now', async (offsetSeconds) => {
    const sent = await sentBy((probe) => probe.challenge(peer, { secret, offsetSeconds }));
    expect(header(sent, 'X-Slack-Request-Timestamp')).toBe(String(nowSeconds + offsetSeconds));
  });

  it('is sent when it is its turn', async () => {
    const turn = 'alone';
    expect((await sentBy((probe) => probe.challenge(peer, right, { turn }))).options).toEqual({ turn });
    expect((await sentBy((probe) => probe.form(peer, right, turn))).options).toEqual({ turn });
  });

  it('differs in the one thing that is compared', async () => {
    const other = await sentBy((probe) => probe.unsignedFormWith(peer, 'own User-Agent'));
    expect([header(other, 'User-Agent'), other.options]).toEqual([ownAgent, undefined]);
    const shown = await sentBy((probe) => probe.unsignedFormWith(peer, 'client certificate'));
    expect([header(shown, 'User-Agent'), shown.options]).toEqual([slackAgent, { showCertificate: true }]);
    const unrouted = await sentBy((probe) => probe.unroutedForm(peer));
    expect([unrouted.message.path, unrouted.options]).toEqual([
      expect.stringMatching(/^\/webhooks\/[0-9a-f]{16}$/),
      { turn: 'at once' },
    ]);
    for (const sent of [other, shown, unrouted]) {
      expect(header(sent, 'Content-Type')).toBe(formType);
      expect(judgedBy(secret, sent)).toBe('timestamp-missing');
    }
  });

  it('is a visit of a browser to the address behind Slack', async () => {
    expect((await sentBy((probe) => probe.redirectTarget(peer, 'browsers.example.com'))).message).toEqual({
      method: 'GET',
      host: 'browsers.example.com',
      path: '/slack_oauth',
      headers: { 'User-Agent': ownAgent, Accept: 'text/html,*/*' },
    });
  });
});

describe('a body', () => {
  const challengeIn = async (style?: 'unusual' | 'plain') =>
    bodyOf(await sentBy((probe) => probe.challenge(peer, right, style === undefined ? {} : { style })));

  it('is a challenge, and nothing that a server acts on', async () => {
    for (const style of ['unusual', 'plain'] as const) {
      expect(JSON.parse(await challengeIn(style))).toMatchObject({
        token: 'spacelift-slack-doctor',
        type: 'url_verification',
        challenge: expect.stringMatching(/^[0-9a-f]{48}$/),
      });
    }
  });

  it('is JSON that comes out differently if something parses it and writes it again', async () => {
    const again = (body: string) => JSON.stringify(JSON.parse(body));
    const plain = await challengeIn('plain');
    expect(again(plain)).toBe(plain);
    const usual = await challengeIn();
    expect(again(usual)).not.toBe(usual);
    expect(usual).toMatch(/\\\/.*\\u00e9.*\d{20}.*1\.0/);
  });

  it('is a form that comes out differently if something parses it and writes it again', async () => {
    const body = bodyOf(await sentBy((probe) => probe.unsignedForm(peer)));
    const form = new URLSearchParams(body);
    expect([...form.keys()]).toEqual(['spacelift_slack_doctor', 'nonce', 'empty']);
    expect(form.get('nonce')).toMatch(/^[0-9a-f]{16}$/);
    expect(form.toString()).not.toBe(body);
  });

  it('is never sent twice', async () => {
    const { probe, sent } = open();
    for (let index = 0; index < 3; index += 1) {
      await probe.challenge(peer, right);
      await probe.form(peer, right);
    }
    expect(new Set(sent.map(bodyOf)).size).toBe(6);
  });
});

describe('a request that several checks need', () => {
  it.each<[string, (probe: SlackProbe, to: Peer) => Promise<unknown>]>([
    ['freshChallenge', (probe, to) => probe.freshChallenge(to, secret)],
    ['forgedChallenge', (probe, to) => probe.forgedChallenge(to)],
    ['unsignedChallenge', (probe, to) => probe.unsignedChallenge(to)],
    ['unsignedForm', (probe, to) => probe.unsignedForm(to)],
    ['unroutedForm', (probe, to) => probe.unroutedForm(to)],
  ])('is sent once to each address: %s', async (_, send) => {
    const { probe, sent } = open();
    const other: Peer = { address: '203.0.113.8', port: 443 };
    const results = await Promise.all([send(probe, peer), send(probe, peer), send(probe, other)]);
    expect(sent.map((each) => each.peer)).toEqual([peer, other]);
    expect(results[1]).toBe(results[0]);
  });
});

describe('the end of a challenge', () => {
  const valueIn = ({ body }: HttpRequest): unknown => JSON.parse(body ?? '').challenge;
  const echo = (status: number) => (message: HttpRequest) =>
    response(status, { body: `{"challenge":"${valueIn(message)}"}` });

  it.each<[string, (message: HttpRequest) => ProbeResult, string]>([
    ['its value with 200', echo(200), 'returned'],
    ['its value with 201, which Slack does not accept', echo(201), 'other'],
    ['200 and another value', () => response(200, { body: '{"challenge":"x"}' }), 'other'],
    ['its value with 401', echo(401), 'rejected'],
    ['401', () => response(401), 'rejected'],
    ['403', () => response(403), 'rejected'],
    ['400', () => response(400), 'rejected'],
    ['404', () => response(404), 'other'],
    ['500', () => response(500), 'other'],
    ['no response', () => late, 'other'],
  ])('after %s', async (_, respond, kind) => {
    expect((await open(respond).probe.challenge(peer, right)).kind).toBe(kind);
  });
});

it('shows no signature of its own that a response repeats', async () => {
  const { probe, sent, redactor } = open();
  await probe.form(peer, right);
  const signature = sent.map((each) => header(each, 'X-Slack-Signature')).join('');
  expect(signature).toMatch(/^v0=[0-9a-f]{64}$/);
  expect(redactor.redact(`${signature} ${signature.slice(3)}`)).toBe('[redacted] [redacted]');
});
