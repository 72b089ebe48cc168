import { describe, expect, it } from 'vitest';
import { type CheckId, describeCheck } from '../../../src/doctor/catalogue/catalogue.ts';
import { fail, pass } from '../../../src/doctor/check.ts';
import { allChecks, type CheckOptions } from '../../../src/doctor/checks/all.ts';
import { runChecks } from '../../../src/doctor/runner.ts';

const usual: CheckOptions = { ownHost: false, socketMode: false };

/** The checks that are not run because one fails and all others would pass. */
async function behind(failing: CheckId, options: Partial<CheckOptions> = {}): Promise<CheckId[]> {
  const { ended } = await runChecks(allChecks({ ...usual, ...options }), {
    run: async ({ id }) => (id === failing ? fail('bad', 'Fix it.') : pass('good')),
    excluded: new Map(),
    signal: new AbortController().signal,
    now: () => 0,
  });
  return ended.filter(({ blockedBy }) => blockedBy === failing).map(({ check }) => check.id);
}

const signature = [
  'signature.challenge',
  'signature.form',
  'signature.rejects-forged',
  'signature.rejects-unsigned',
  'signature.rejects-stale',
] as const;
const behindWebhook = ['webhook.latency', 'oauth.reachable', 'clock.skew', ...signature] as const;
const endpoint = ['webhook.reachable', ...behindWebhook] as const;
const tls = ['tls.trusted', 'tls.hostname', 'tls.expiry', 'tls.version'] as const;

describe('a failure stands for the checks behind it', () => {
  it.each<[CheckId, readonly CheckId[]]>([
    ['env.client-id', ['slack.credentials']],
    ['env.client-secret', ['slack.credentials']],
    ['env.signing-secret', ['signature.challenge', 'signature.form', 'signature.rejects-stale']],
    ['env.mix-up', []],
    ['env.file-mode', []],
    ['env.file-tracked', []],
    ['domain.valid', ['dns.resolves', 'dns.public', ...tls, ...endpoint, 'slack.app-drift']],
    ['dns.resolves', ['dns.public', ...tls, ...endpoint]],
    ['dns.public', [...tls, ...endpoint]],
    ['tls.trusted', endpoint],
    ['tls.hostname', endpoint],
    ['tls.expiry', endpoint],
    ['tls.version', endpoint],
    ['webhook.reachable', behindWebhook],
    ['webhook.latency', []],
    ['oauth.reachable', []],
    ['clock.skew', ['signature.challenge', 'signature.form', 'signature.rejects-stale']],
    ['signature.challenge', ['signature.form', 'signature.rejects-stale']],
    ['signature.form', []],
    ['slack.reachable', ['slack.credentials', 'slack.app-drift']],
    ['slack.credentials', []],
  ])('%s', async (failing, blocked) => {
    expect(await behind(failing)).toEqual(blocked);
  });

  it('but not for a host of its own that browsers return to', async () => {
    expect(await behind('webhook.reachable', { ownHost: true })).not.toContain('oauth.reachable');
    expect(await behind('domain.valid', { ownHost: true })).toContain('oauth.reachable');
  });

  it.each<[CheckId, readonly CheckId[]]>([
    ['socket.token', ['socket.enabled', 'socket.reachable']],
    ['slack.reachable', ['slack.credentials', 'slack.app-drift', 'socket.enabled', 'socket.reachable']],
    ['socket.enabled', ['socket.reachable']],
    ['dns.public', [...tls, ...endpoint]],
  ])('with Socket Mode: %s', async (failing, blocked) => {
    expect(await behind(failing, { socketMode: true })).toEqual(blocked);
  });

  it('with Socket Mode, where no public address is needed', async () => {
    expect(await behind('dns.resolves', { socketMode: true })).not.toContain('dns.public');
  });
});

describe('what connects', () => {
  /** The checks that have started while one has not ended. */
  async function startedBeside(waiting: readonly CheckId[]): Promise<readonly CheckId[]> {
    const started: CheckId[] = [];
    const controller = new AbortController();
    const run = runChecks(allChecks(usual), {
      run: ({ id }) => (waiting.includes(id) ? new Promise(() => undefined) : Promise.resolve(pass('good'))),
      excluded: new Map(),
      signal: controller.signal,
      now: () => 0,
      onStart: ({ id }) => started.push(id),
    });
    await new Promise(setImmediate);
    controller.abort();
    await run;
    return started;
  }

  it.each<CheckId>(['dns.resolves', 'dns.public'])('waits for %s', async (waiting) => {
    const started = await startedBeside([waiting]);
    for (const id of [...tls, 'webhook.latency', 'signature.rejects-forged', 'signature.form'] as const) {
      expect(started).not.toContain(id);
    }
  });

  it('starts side by side with the handshakes, which saves round trips', async () => {
    const started = await startedBeside([...tls, 'webhook.reachable']);
    for (const id of behindWebhook) expect(started).toContain(id);
  });
});

it.each<[Partial<CheckOptions>, readonly CheckId[]]>([
  [{}, []],
  [{ ownHost: true }, []],
  [{ socketMode: true }, ['socket.token']],
])('needs no network for values and files, and for nothing else: %j', (options, more) => {
  const offline = allChecks({ ...usual, ...options }).filter(({ network }) => !network);
  expect(offline.map(({ id }) => id)).toEqual([
    ...allChecks(usual).flatMap(({ id }) => (describeCheck(id).group === 'environment' ? id : [])),
    'domain.valid',
    ...more,
  ]);
});
