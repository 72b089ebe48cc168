import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Libsql from 'libsql';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import { event } from '../../store/store-suite.ts';
import { runInProcess } from '../../support/in-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;

/** Runs statements directly in the database. */
function change(sql: string): void {
  const database = new Libsql(join(folder, 'serve.db'));
  database.exec(sql);
  database.close();
}

/** Ev1 set aside, Ev2 tried once, Ev3 not yet. */
beforeEach(async () => {
  folder = await temporaryFolder();
  const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
  const delivery = { 'content-type': 'application/json' };
  const signed = { ...delivery, 'x-slack-signature': 'v0=1' };
  await store.recordEvent(event('Ev1', { delivery: signed }));
  for (const eventId of ['Ev2', 'Ev3']) await store.recordEvent(event(eventId, { delivery }));
  const [first] = await store.deliveries.claim(1, 60_000);
  const aside = { kind: 'set-aside', failure: 'HTTP 400 \u001b[2J' } as const;
  const second = first && (await store.deliveries.settle(first, aside, 60_000));
  const again = { kind: 'retry', afterMs: 0, failure: 'HTTP 500', rejected: false } as const;
  if (second) await store.deliveries.settle(second, again, 60_000);
  await store.close();
  change(`update events set received_at = ${Date.UTC(2026, 10, 23)}`);
});

function events(...args: string[]) {
  return runInProcess(['serve', 'events', ...args, '--store', 'sqlite:serve.db'], { cwd: folder });
}

async function kept(): Promise<readonly string[]> {
  const { stdout } = await events('list', '--format', 'json');
  const { events: list }: { events: { eventId: string; state: string; attempts: number }[] } =
    JSON.parse(stdout);
  return list.map(({ eventId, state, attempts }) => `${eventId} ${state} ${attempts}`);
}

it('says of a list of one state no more than that', async () => {
  await events('retry', 'Ev1');
  const { code, stderr } = await events('list', '--state', 'set-aside');
  expect([code, stderr]).toEqual([0, 'No events are set-aside.\n']);
});

it('says how many events were discarded if the store fails after a part of them', async () => {
  const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
  await Promise.all(
    Array.from({ length: 1_500 }, (_, count) => store.recordEvent(event(`More${count}`, { delivery: {} }))),
  );
  await store.close();
  change(`update deliveries set state = 'set-aside', waiting_since = seq;
    create trigger no_more after delete on deliveries when old.seq > 1100
    begin select raise(abort, 'the disk failed'); end`);
  const { code, stderr } = await events('drop', '--all-set-aside', '--yes');
  expect(code).toBe(3);
  expect(stderr).toContain('the store failed: the disk failed; 1000 events are discarded');
  expect(stderr).toContain('Run the command again for the rest.');
  const lengths = await events('list', '--state', 'set-aside', '--limit', '9999', '--format', 'json');
  expect(JSON.parse(lengths.stdout).events).toHaveLength(503);
});

it('lists what is kept, for people and for programs', async () => {
  const { code, stdout } = await events('list');
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      '2026-11-23T00:00:00.000Z  Ev1             T1            app_mention         set-aside  1 attempt  HTTP 400 \\u001b[2J',
      '2026-11-23T00:00:00.000Z  Ev2             T1            app_mention         waiting    1 attempt  HTTP 500',
      '2026-11-23T00:00:00.000Z  Ev3             T1            app_mention         waiting    0 attempts',
      '',
    ].join('\n'),
  );
  const json = await events('list', '--format', 'json', '--state', 'waiting', '--limit', '1');
  expect(JSON.parse(json.stdout)).toEqual({
    events: [
      {
        eventId: 'Ev2',
        workspace: 'T1',
        type: 'app_mention',
        state: 'waiting',
        receivedAt: '2026-11-23T00:00:00.000Z',
        attempts: 1,
        failure: 'HTTP 500',
      },
    ],
    more: true,
  });
});

it('lists only events of one type or workspace', async () => {
  const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
  const delivery = { 'content-type': 'application/json' };
  await store.recordEvent(event('Ev4', { delivery, workspace: 'T2', type: 'app_uninstalled' }));
  await store.close();

  const ids = async (...args: string[]) =>
    (await events('list', ...args)).stdout.match(/Ev\d/g)?.join(' ') ?? '';
  expect(await ids('--type', 'app_uninstalled')).toBe('Ev4');
  expect(await ids('--workspace', 'T1', '--state', 'waiting')).toBe('Ev2 Ev3');
  expect(await events('list', '--workspace', 'T9')).toMatchObject({ code: 0, stderr: 'No such events.\n' });
});

describe('show', () => {
  it('prints the attempts with their reasons and the headers, but neither body nor signature', async () => {
    const { code, stdout } = await events('show', 'Ev1');
    expect(code).toBe(0);
    const text = stdout.replace(/attempt( +)\d{4}-[\d:.T-]+Z/, 'attempt$1TIME');
    expect(text).toBe(
      [
        'event      Ev1',
        'state      set-aside',
        'workspace  T1',
        'type       app_mention',
        'received   2026-11-23T00:00:00.000Z',
        'attempt    TIME  HTTP 400 \\u001b[2J',
        'header     content-type: application/json',
        'header     x-slack-signature: ********',
        'body       18 bytes: pass --reveal to print it',
        '',
      ].join('\n'),
    );
  });

  it('prints the body and the signature with --reveal, also as JSON', async () => {
    expect((await events('show', 'Ev1', '--reveal')).stdout).toContain(
      'header     x-slack-signature: v0=1\n\n{"event_id":"Ev1"}\n',
    );
    const { stdout } = await events('show', 'Ev1', '--reveal', '--format', 'json');
    expect(JSON.parse(stdout).event).toMatchObject({
      eventId: 'Ev1',
      state: 'set-aside',
      attempts: [{ at: expect.stringMatching(/Z$/), failure: 'HTTP 400 \u001b[2J' }],
      headers: { 'x-slack-signature': 'v0=1' },
      body: '{"event_id":"Ev1"}',
    });
    expect((await events('show', 'Ev1', '--format', 'json')).stdout).not.toMatch(/v0=1|event_id"/);
  });
});

describe('resend', () => {
  it('queues a delivered event once more, and one that was discarded', async () => {
    const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
    const [claim] = await store.deliveries.claim(1, 60_000);
    if (claim) await store.deliveries.settle(claim, { kind: 'delivered' }, 60_000);
    await store.close();
    expect(await events('drop', 'Ev3', '--yes')).toMatchObject({ code: 0 });
    expect((await events('list', '--state', 'delivered')).stdout).toContain('Ev2             T1');
    expect((await events('show', 'Ev2')).stdout).toMatch(/attempt .*HTTP 500\nattempt .* {2}delivered\n/);

    expect(await events('resend', 'Ev2', 'Ev3')).toMatchObject({
      code: 0,
      stdout: '2 events queued again; a running relay delivers them\n',
    });
    expect(await kept()).toEqual(['Ev1 set-aside 1', 'Ev2 waiting 0', 'Ev3 waiting 0']);
    expect((await events('list', '--state', 'delivered')).stderr).toBe('No events are delivered.\n');
  });
});

it('lets events be tried again', async () => {
  expect(await events('retry', 'Ev1')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 event due'),
  });
  expect(await kept()).toEqual(['Ev1 waiting 0', 'Ev2 waiting 1', 'Ev3 waiting 0']);
  expect((await events('retry', '--all-set-aside')).stdout).toContain('0 events');
});

it('discards events, after confirmation', async () => {
  const asked = await events('drop', 'Ev1');
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  expect(asked.stderr).toContain(
    'Discard Ev1? Only serve events resend gets an event back, until 48 h after',
  );
  expect(await events('drop', 'Ev9')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('unknown event: Ev9'),
  });
  expect(await events('drop', 'Ev2', '--yes')).toMatchObject({ code: 0, stdout: '1 event discarded\n' });
  expect(await events('drop', '--all-set-aside', '--yes')).toMatchObject({ code: 0 });
  expect(await events('drop', '--all-set-aside')).toMatchObject({ code: 0, stdout: '0 events discarded\n' });
  expect(await kept()).toEqual(['Ev3 waiting 0']);
});

it('changes the named events that are in the queue once, and says which are not and why', async () => {
  const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
  const [claim] = await store.deliveries.claim(1, 60_000);
  if (claim) await store.deliveries.settle(claim, { kind: 'delivered' }, 60_000);
  await store.close();
  await events('drop', 'Ev3', '--yes');
  const { code, stdout, stderr } = await events('retry', 'Ev1', 'Ev1', 'Ev2', 'Ev3', 'Ev9');
  expect([code, stdout]).toEqual([2, '1 event due again; a running relay delivers them\n']);
  expect(stderr).toContain('unknown event: Ev9; no longer in the queue: Ev2 (delivered), Ev3 (not-queued)');
  expect(stderr).toContain('serve events resend');
  expect(await events('drop', 'Ev3')).toMatchObject({ code: 2, stdout: '' });
});

it('shows what has no shape in the type of an event', async () => {
  const store = await openSqliteStore(join(folder, 'serve.db'), undefined);
  await store.recordEvent(event('Ev4', { delivery: {}, type: 'a\u001b[2J\u{e0041}' }));
  await store.close();
  expect((await events('list')).stdout).toContain(String.raw`a\u001b[2J\udb40\udc41`);
});

it('makes no store where the one that is named is missing', async () => {
  const args = ['serve', 'events', 'list', '--store', 'sqlite:typo.db'];
  expect(await runInProcess(args, { cwd: folder })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('there is no store typo.db'),
  });
  expect(await readdir(folder)).not.toContain('typo.db');
});

it.each([
  [['retry'], 'no events were selected'],
  [['drop', 'Ev1', '--all-set-aside', '--yes'], 'event ids and --all-set-aside exclude each other'],
  [['drop', 'Ev9', 'Ev1', 'Ev8', '--yes'], 'unknown events: Ev9, Ev8'],
  [['show', 'Ev9'], 'unknown event: Ev9'],
  [['show', 'Ev9'], 'dead letters for a week'],
  [['resend', 'Ev1'], 'not delivered yet: Ev1'],
  [['resend', 'Ev9', 'Ev2'], 'unknown event: Ev9; not delivered yet: Ev2'],
  [['list', '--limit', '0'], 'from 1 to 10000'],
  [['list', '--state', 'gone'], 'waiting'],
])('refuses %j', async (args, message) => {
  expect(await events(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});
