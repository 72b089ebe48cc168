import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { slackWebhook } from '../../../src/server/webhook/slack-webhook.ts';
import { standIn } from '../../../src/server/webhook/stand-in.ts';
import { NotInTime } from '../../../src/store/group-commit.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import type { Store } from '../../../src/store/store.ts';
import { commandForm, eventBody, formType, signingSecret } from '../../support/serve.ts';
import { slackRequest } from '../../support/slack-request.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** The webhook of a stand-in, without a listener. */
async function scene(signingSecrets: readonly string[] = [signingSecret], previousSecretUntil?: number) {
  const store = await openSqliteStore(join(await temporaryFolder(), 'serve.db'), undefined);
  onTestFinished(() => store.close());
  const { handle } = slackWebhook({ signingSecrets, previousSecretUntil, handler: standIn(store) });
  const send = (...request: Parameters<typeof slackRequest>) => handle(slackRequest(...request));
  const sendForm = (body: string) => send(body, { type: formType });
  return { store, send, sendForm };
}

describe('a request', () => {
  it.each([-300, 300])('is accepted with a timestamp that is %d s off', async (skew) => {
    const now = 1_800_000_000_000;
    const { send } = await scene();
    const result = await send('{"type":"x"}', { receivedAt: now, at: now / 1000 + skew });
    expect(result.response.status).toBe(200);
  });

  it.each([-301, 301])('is rejected with 401 with a timestamp that is %d s off', async (skew) => {
    const now = 1_800_000_000_999;
    const { send } = await scene();
    const result = await send('{"type":"x"}', { receivedAt: now, at: Math.floor(now / 1000) + skew });
    expect(result.response).toMatchObject({ status: 401, body: '{"error":"invalid_signature"}' });
    expect(result.subject).toEqual({ kind: 'slack' });
    expect(result.outcome).toEqual({ kind: 'rejected', reason: 'timestamp-stale', skewSeconds: skew });
  });

  it('is accepted with the previous signing secret, which the result names', async () => {
    const { send } = await scene(['new', 'old']);
    const [current, previous, other] = [
      await send('{"type":"x"}', { secret: 'new' }),
      await send('{"type":"x"}', { secret: 'old' }),
      await send('{"type":"x"}', { secret: 'older' }),
    ];
    expect([current.response.status, current.subject.secret]).toEqual([200, undefined]);
    expect([previous.response.status, previous.subject.secret]).toEqual([200, 'previous']);
    expect(other.outcome).toEqual({ kind: 'rejected', reason: 'signature-wrong' });
  });

  it('is accepted with the previous signing secret until its end, and not from then on', async () => {
    const end = 1_800_000_000_000;
    const { send } = await scene(['new', 'old'], end);
    const status = async (secret: string, receivedAt: number) =>
      (await send('{"type":"x"}', { secret, receivedAt, at: Math.floor(receivedAt / 1000) })).response.status;
    expect([await status('old', end - 1), await status('old', end)]).toEqual([200, 401]);
    expect([await status('new', end - 1), await status('new', end)]).toEqual([200, 200]);
  });

  it.each([
    ['application/json', 200],
    ['APPLICATION/JSON; Charset="UTF-8"', 200],
    ['application/json ; x', 200],
    ['text/json', 415],
    ['application/json+x', 415],
    ['', 415],
  ])('with a JSON body of the media type %j gets %d', async (type, status) => {
    const { send } = await scene();
    expect((await send('{"type":"x"}', { type })).response.status).toBe(status);
  });

  it.each(['application/x-www-form-urlencoded; charset=utf-8', 'Application/X-WWW-Form-Urlencoded'])(
    'with the media type %j is read as a form',
    async (type) => {
      const { send } = await scene();
      expect((await send(commandForm(), { type })).subject.kind).toBe('command');
    },
  );

  it.each([
    ['{"type":"app_rate_limited","team_id":"T1"}', 'application/json', 'app_rate_limited'],
    ['{"type":"from_the_future"}', 'application/json', 'from_the_future'],
    ['{}', 'application/json', 'unknown'],
    ['{"type":5}', 'application/json', 'unknown'],
    ['team_id=T1&new_field=1', formType, 'form'],
    ['', formType, 'form'],
    ['?ssl_check=1', formType, 'form'],
  ])('of an unknown type is acknowledged: %j', async (body, type, what) => {
    const { send } = await scene();
    const result = await send(body, { type });
    expect(result.response).toEqual({ status: 200 });
    expect(result.subject).toMatchObject({ kind: 'other', what });
    expect(result.outcome).toEqual({ kind: 'acknowledged' });
  });
});

describe('url_verification', () => {
  it('gets its challenge back as JSON', async () => {
    const { send } = await scene();
    const { response, outcome } = await send('{"type":"url_verification","challenge":"<b>abc</b>"}');
    expect(response.status).toBe(200);
    expect(response.headers).toEqual({ 'Content-Type': 'application/json; charset=utf-8' });
    expect(JSON.parse(String(response.body))).toEqual({ challenge: '<b>abc</b>' });
    expect(outcome).toEqual({ kind: 'responded' });
  });
});

describe('ssl_check', () => {
  it('gets 200, and every other field of the form is ignored', async () => {
    const { sendForm } = await scene();
    const result = await sendForm(commandForm({ ssl_check: '1' }));
    expect(result.response).toEqual({ status: 200 });
    expect(result.subject).toMatchObject({ kind: 'ssl_check' });
    expect((await sendForm(commandForm({ ssl_check: '0' }))).subject.kind).toBe('command');
  });

  const unsigned = { 'x-slack-signature': [], 'x-slack-request-timestamp': [] };

  it('gets 200 without a signature, and nothing else is done', async () => {
    const { send } = await scene();
    for (const body of ['ssl_check=1&token=x', commandForm({ ssl_check: '1' })]) {
      const result = await send(body, { type: formType, headers: unsigned });
      expect(result).toEqual({
        response: { status: 200 },
        subject: { kind: 'ssl_check' },
        outcome: { kind: 'unsigned-ssl-check' },
      });
    }
  });

  it.each([
    ['another value', 'ssl_check=0', formType, unsigned],
    ['the field twice', 'ssl_check=1&ssl_check=1', formType, unsigned],
    ['JSON', '{"ssl_check":1}', 'application/json', unsigned],
    ['JSON as a form', '{"type":"x"}&ssl_check=1', formType, unsigned],
    ['another command', commandForm(), formType, unsigned],
    ['an endless form', `ssl_check=1&x=${'x'.repeat(100_000)}`, formType, unsigned],
    ['a wrong signature', 'ssl_check=1', formType, { 'x-slack-signature': [`v0=${'0'.repeat(64)}`] }],
    ['two signatures', 'ssl_check=1', formType, { 'x-slack-signature': ['', ''] }],
  ])('is rejected with 401 with %s', async (_name, body, type, headers) => {
    const { send } = await scene();
    const result = await send(body, { type, headers });
    expect([result.response.status, result.outcome.kind]).toEqual([401, 'rejected']);
  });
});

describe('a JSON body that is declared as a form', () => {
  it.each(['{"type":"event_callback"}', '{"a":"&ssl_check=1"}', '{&command=/x'])(
    'gets 400, since the signature does not cover the media type: %s',
    async (body) => {
      const { sendForm } = await scene();
      const result = await sendForm(body);
      expect([result.response.status, result.outcome.kind]).toEqual([400, 'invalid-request']);
    },
  );
});

describe('an interaction', () => {
  it.each([
    ['block_actions', undefined],
    ['shortcut', undefined],
    ['message_action', undefined],
    ['view_submission', undefined],
    ['view_closed', undefined],
    ['from_the_future', undefined],
    ['block_suggestion', '{"options":[]}'],
  ])('of type %s is acknowledged', async (type, body) => {
    const { sendForm } = await scene();
    const payload = {
      type,
      team: null,
      enterprise: { id: 'E1' },
      user: { id: 'U1' },
      actions: [{ action_id: 'confirm' }, { action_id: 7 }],
    };
    const result = await sendForm(`payload=${encodeURIComponent(JSON.stringify(payload))}`);
    expect([result.response.status, result.response.body]).toEqual([200, body]);
    expect(result.subject).toMatchObject({ kind: 'interaction', who: 'E1/U1', what: `${type} confirm` });
    expect(result.outcome).toEqual({ kind: 'acknowledged' });
  });
});

describe('an event', () => {
  it('is stored once; a repetition is acknowledged as a duplicate', async () => {
    const { send, store } = await scene();
    const recorded: string[] = [];
    const record = store.recordEvent.bind(store);
    store.recordEvent = async (event) => {
      const outcome = await record(event);
      recorded.push(`${event.eventId} ${outcome}`);
      return outcome;
    };
    const first = await send(eventBody('Ev1'));
    const second = await send(eventBody('Ev1'), {
      headers: { 'x-slack-retry-num': ['1'], 'x-slack-retry-reason': ['http_timeout'] },
    });
    expect(recorded).toEqual(['Ev1 stored', 'Ev1 known']);
    expect(first).toMatchObject({
      response: { status: 200 },
      subject: { kind: 'event', who: 'T1', what: 'app_mention', eventId: 'Ev1' },
      outcome: { kind: 'stored' },
    });
    expect(second).toMatchObject({
      response: { status: 200 },
      subject: { eventId: 'Ev1', retry: '1 (http_timeout)' },
      outcome: { kind: 'duplicate' },
    });
  });

  it.each([undefined, 7, '', 'x'.repeat(300), 'with blank', 'nul\u0000'])(
    'without a usable event_id (%j) is identified by its body',
    async (id) => {
      const { send } = await scene();
      const body = eventBody('', { type: 'x' }, { event_id: id });
      expect((await send(body)).outcome.kind).toBe('stored');
      expect((await send(body)).outcome.kind).toBe('duplicate');
    },
  );

  it('gets 503 while the store fails, and is stored when Slack sends it again', async () => {
    const { send, store } = await scene();
    const record = store.recordEvent.bind(store);
    const error = new Error('disk full');
    store.recordEvent = () => Promise.reject(error);
    const failed = await send(eventBody('Ev1'));
    expect([failed.response.status, failed.outcome]).toEqual([503, { kind: 'not-stored', error }]);
    store.recordEvent = record;
    expect((await send(eventBody('Ev1'))).outcome).toEqual({ kind: 'stored' });
  });

  it('gets 503 at once if it cannot be stored in time', async () => {
    const { send, store } = await scene();
    store.recordEvent = () => Promise.reject(new NotInTime('7 waiting'));
    expect(await send(eventBody('Ev1'))).toMatchObject({
      response: { status: 503 },
      outcome: { kind: 'overloaded', reason: 'cannot be stored in time: 7 waiting' },
    });
  });

  it('that is stored after its deadline gets 503, and is a duplicate when Slack sends it again', async () => {
    const { send, store } = await scene();
    const record = store.recordEvent.bind(store);
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let recorded: Promise<unknown> | undefined;
    store.recordEvent = (event) => {
      const late = finished.then(() => record(event));
      recorded = late;
      return late;
    };
    const first = await send(eventBody('Ev1'), { startedAt: performance.now() - 2_490 });
    expect([first.response.status, first.outcome.kind]).toEqual([503, 'not-stored']);
    finish();
    await recorded;
    store.recordEvent = record;
    const second = await send(eventBody('Ev1'));
    expect([second.response.status, second.outcome.kind]).toEqual([200, 'duplicate']);
  });

  it('gets 503 at its deadline from a store that hangs', async () => {
    const { send, store } = await scene();
    store.recordEvent = () => new Promise(() => undefined);
    // Its headers arrived 2.4 s ago: 0.1 s of the 2.5 s is left.
    const result = await send(eventBody('Ev1'), { startedAt: performance.now() - 2_400 });
    expect(result).toMatchObject({
      response: { status: 503 },
      outcome: { kind: 'not-stored', error: { message: expect.stringMatching(/within \d{1,3} ms$/) } },
    });
  });
});

describe('an uninstallation', () => {
  const install = (store: Store, id: string, orgWide = false, installedAt = 0) =>
    store.installations.save({
      id,
      orgWide,
      teamId: orgWide ? null : id,
      teamName: null,
      enterpriseId: orgWide ? id : null,
      enterpriseName: null,
      appId: 'A1',
      botUserId: 'U0',
      scopes: '',
      installedBy: null,
      installedAt,
      tokens: { bot: 'xoxb-1' },
    });
  const uninstalled = { type: 'app_uninstalled' };
  const revoked = { type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: ['U0'] } };

  it.each([
    ['app_uninstalled first', [uninstalled, revoked, uninstalled]],
    ['tokens_revoked first', [revoked, uninstalled, revoked]],
  ])('deletes the installation, %s', async (_name, events) => {
    const { send, store } = await scene();
    await install(store, 'T1');
    for (const [index, event] of events.entries()) {
      expect((await send(eventBody(`Ev${index}`, event))).response.status).toBe(200);
      expect(await store.installations.find('T1')).toBeUndefined();
    }
  });

  it('does not happen when only users revoked their tokens', async () => {
    const { send, store } = await scene();
    await install(store, 'T1');
    await send(eventBody('Ev1', { type: 'tokens_revoked', tokens: { oauth: ['U1'], bot: [] } }));
    await send(eventBody('Ev2', { type: 'app_mention' }));
    expect(await store.installations.find('T1')).toMatchObject({ id: 'T1' });
  });

  it.each([uninstalled, revoked])('that is late keeps a newer installation: $type', async (event) => {
    const now = 1_800_000_000_500;
    const { send, store } = await scene();
    await install(store, 'T1', false, now);
    const sendAt = (id: string, time: unknown) =>
      send(eventBody(id, event, { event_time: time }), { receivedAt: now, at: Math.floor(now / 1000) });
    await sendAt('Ev1', Math.floor(now / 1000) - 600);
    expect(await store.installations.find('T1')).toMatchObject({ id: 'T1' });
    await sendAt('Ev2', Math.floor(now / 1000));
    expect(await store.installations.find('T1')).toBeUndefined();
    await install(store, 'T1', false, now);
    await sendAt('Ev3', 'no time');
    expect(await store.installations.find('T1')).toBeUndefined();
  });

  it('of an org-wide app deletes the installation of the enterprise', async () => {
    const { send, store } = await scene();
    await install(store, 'E1', true);
    await install(store, 'T1');
    const authorizations = [{ enterprise_id: 'E1', team_id: 'T1', is_enterprise_install: true }];
    await send(eventBody('Ev1', uninstalled, { authorizations, enterprise_id: 'E1' }));
    expect(await store.installations.find('E1')).toBeUndefined();
    expect(await store.installations.find('T1')).toMatchObject({ id: 'T1' });
  });
});

describe('a slash command', () => {
  it.each(['', 'help', 'subscribe <!channel>', 'list'])(
    'gets what the stand-in is and how to connect Spacelift: %j',
    async (text) => {
      const { sendForm } = await scene();
      const { response, subject, outcome } = await sendForm(commandForm({ text, command: '/infra-ops' }));
      expect(response.status).toBe(200);
      expect(subject).toMatchObject({ kind: 'command', who: 'T1/U1', what: '/infra-ops' });
      expect(outcome).toEqual({ kind: 'responded' });
      const message = JSON.parse(String(response.body));
      expect(message.response_type).toBe('ephemeral');
      expect(message.text).toMatch(/This is not Spacelift.*stand-in.*SLACK_SECRET.*--upstream/s);
      expect(message.blocks[0]).toEqual({ type: 'section', text: { type: 'mrkdwn', text: message.text } });
      expect(message.text.length).toBeLessThan(3000);
    },
  );
});
