import { checkIds } from '../../src/doctor/catalogue/catalogue.ts';
import type { Handshake } from '../../src/doctor/probe/handshake.ts';
import type { HttpResponse, ProbeResult } from '../../src/doctor/probe/http-request.ts';
import type { Network } from '../../src/doctor/probe/network.ts';
import type { ChallengeResult, SlackProbe } from '../../src/doctor/probe/slack-probe.ts';
import { createRedactor } from '../../src/doctor/redactor.ts';
import type { Subject } from '../../src/doctor/subject.ts';
import { type Domain, parseDomain } from '../../src/domain.ts';
import type { ConnectionFailure } from '../../src/net/connection-failure.ts';

// Checks judge what was observed. These functions make observations, for tests that need no server.

export const host = 'spacelift.example.com';
export const secret = '8f742231b10e8888abcd99e0e0e085a5';

/** A parsed domain. */
export function domain(name: string): Domain {
  const parsed = parseDomain(name);
  if (!parsed.ok) throw new Error(`${name} ${parsed.problem}`);
  return parsed.domain;
}

/** A response with this status; without more, JSON that came at once. */
export function response(status: number, more: Partial<HttpResponse> = {}): HttpResponse {
  return {
    responded: true,
    status,
    headers: {},
    body: '{}',
    cutOff: false,
    durationMs: 100,
    clockSkewSeconds: 0,
    ...more,
  };
}

/** A response that is a web page. */
export function page(status: number, body = '<!doctype html><title>Welcome</title>'): HttpResponse {
  return response(status, { headers: { 'content-type': 'text/html' }, body });
}

export function noResponse(failure: ConnectionFailure): ProbeResult {
  return { responded: false, failure };
}

export const late = noResponse({ kind: 'timed-out', stage: 'response', seconds: 6 });

/** What became of a challenge that got this response. */
export function challenged(kind: ChallengeResult['kind'], result: ProbeResult): ChallengeResult {
  return { kind, response: result };
}

const connected: Handshake = {
  connected: true,
  protocol: 'TLSv1.3',
  chain: [],
  objection: undefined,
};

/** A network in which every host has one address, to which a connection can be made. */
export function network(changes: Partial<Network> = {}): Network {
  return {
    usesGivenResolver: false,
    lookUp: async () => ({ found: true, addresses: ['203.0.113.7'] }),
    route: () => undefined,
    handshakes: async () => [{ peer: { address: '203.0.113.7', port: 443 }, handshake: connected }],
    send: () => Promise.reject(new Error('this test sends nothing')),
    roots: () => [],
    ...changes,
  };
}

/** The responses of a deployment on which every check passes. */
export function probe(changes: Partial<SlackProbe> = {}): SlackProbe {
  const rejected = response(401);
  return {
    challenge: async (_, signing) =>
      signing !== 'unsigned' && signing.offsetSeconds === 0
        ? challenged('returned', response(200))
        : challenged('rejected', rejected),
    freshChallenge: async () => challenged('returned', response(200)),
    forgedChallenge: async () => challenged('rejected', rejected),
    unsignedChallenge: async () => challenged('rejected', rejected),
    form: async (_, signing) => (signing === 'unsigned' ? rejected : response(200)),
    forgedForm: async () => rejected,
    unsignedForm: async () => rejected,
    unsignedFormWith: async () => rejected,
    unroutedForm: async () => response(404),
    redirectTarget: async () => response(400),
    ...changes,
  };
}

/** A deployment that is examined with all credentials set, and on which every check passes. */
export function subject(changes: Partial<Subject> = {}): Subject {
  const credentials = {
    clientId: '2833563543.1341693891393',
    clientSecret: 'c0ffee00c0ffee00c0ffee00c0ffee00',
    signingSecret: secret,
  };
  return {
    runs: new Set(checkIds),
    connectionReporter: undefined,
    target: { domain: domain(host), webhookDomain: domain(host) },
    credentials,
    sources: { clientId: 'the environment', clientSecret: '.env', signingSecret: '.env' },
    shadowed: {},
    lookAlikes: [],
    envFile: undefined,
    app: { id: undefined, configToken: undefined },
    socketMode: false,
    now: () => 0,
    usable: credentials,
    mistakes: {},
    network: network(),
    extraRoots: 0,
    probe: probe(),
    rejectionCause: async () => ({ kind: 'unknown', unsigned: 'different' }),
    slack: {
      url: 'https://slack.com',
      call: () => Promise.reject(new Error('this test does not call Slack')),
    },
    socket: {
      token: undefined,
      appId: undefined,
      getUrl: async () => ({ ok: false, failure: { kind: 'unreadable' } }),
      env: {},
      signal: new AbortController().signal,
    },
    redactor: createRedactor([]),
    ...changes,
  };
}
