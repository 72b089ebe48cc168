import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../src/server/socket-mode/connection.ts';
import {
  type ConnectionReport,
  type ConnectionsSettings,
  SocketConnections,
} from '../../../src/server/socket-mode/connections.ts';
import type { Envelope } from '../../../src/server/socket-mode/envelopes.ts';
import { FakeClock, fakeSlack } from './fakes.ts';

type UrlResult = Awaited<ReturnType<ConnectionsSettings['getUrl']>>;

const command = { envelope_id: 'e-1', type: 'slash_commands', payload: { command: '/spacelift' } };

function start(more: Partial<ConnectionsSettings> = {}) {
  const clock = new FakeClock();
  const slack = fakeSlack(clock);
  const reports: ConnectionReport[] = [];
  const urlsAt: number[] = [];
  const handled: { readonly envelope: Envelope; readonly reply: Reply; done(): void }[] = [];
  let result: UrlResult | undefined;
  const connections = new SocketConnections({
    count: 1,
    clock,
    // The longest of the waits that are spread at random.
    random: () => 1,
    openSocket: slack.openSocket,
    getUrl: async () => {
      urlsAt.push(clock.now());
      return result ?? { ok: true, value: `wss://slack.test/${urlsAt.length}` };
    },
    onEnvelope: (envelope, reply) =>
      new Promise((resolve) => {
        handled.push({ envelope, reply, done: resolve });
      }),
    onUnusable: () => undefined,
    onReport: (report) => reports.push(report),
    ...more,
  });
  connections.start();
  return {
    ...slack,
    clock,
    connections,
    handled,
    reports,
    urlsAt,
    /** What `apps.connections.open` answers from now on. */
    answerUrlWith: (next: UrlResult | undefined) => {
      result = next;
    },
  };
}

function rejection(error: string): UrlResult {
  return { ok: false, failure: { kind: 'refused', error, body: { ok: false, error } } };
}

const unreachable: UrlResult = { ok: false, failure: { kind: 'unreachable', cause: { kind: 'refused' } } };

describe('opening', () => {
  it('is ready when Slack has said hello, and not before', async () => {
    const { clock, connections, end, reports } = start();
    await clock.advance(0);
    expect(connections.readyCount).toBe(0);
    end(0).hello(1);
    await clock.advance(0);
    expect(connections.readyCount).toBe(1);
    expect(reports).toEqual([{ kind: 'opened', slot: 1, counted: 1, own: 1 }]);
  });

  it('opens the connections apart in time, so that Slack does not end them together', async () => {
    const { clock, ends } = start({ count: 3 });
    for (const count of [1, 2, 3]) {
      await clock.advance(count === 1 ? 0 : 5_000);
      expect(ends).toHaveLength(count);
      ends.at(-1)?.hello(count);
    }
    await clock.advance(4_000);
    expect(ends.map(({ openedAt }) => openedAt)).toEqual([0, 5_000, 10_000]);
  });

  it('gives a connection up on which Slack does not say hello within 10 s', async () => {
    const { clock, end, ends, reports } = start();
    await clock.advance(9_999);
    expect(end(0).state).toBe('open');
    await clock.advance(1);
    expect(end(0).state).toBe('closed');
    expect(reports).toMatchObject([{ kind: 'open-failed', failure: { kind: 'no-hello' } }]);
    await clock.advance(1_000);
    expect(ends).toHaveLength(2);
  });

  it('uses a new URL for each connection', async () => {
    const { clock, end, ends } = start();
    await clock.advance(0);
    end(0).end();
    await clock.advance(1_000);
    expect(ends.map(({ url }) => url)).toEqual(['wss://slack.test/1', 'wss://slack.test/2']);
  });
});

describe('replacing', () => {
  it.each(['warning', 'refresh_requested', 'a reason of the future'])(
    'opens the new connection before it leaves the old one after %s',
    async (reason) => {
      const { clock, connections, end, reports } = start();
      await clock.advance(0);
      end(0).hello();
      await clock.advance(60_000);
      end(0).say({ type: 'disconnect', reason });
      await clock.advance(0);
      expect([end(0).state, end(1).state]).toEqual(['open', 'open']);
      expect(connections.readyCount).toBe(1);
      end(1).hello(2);
      await clock.advance(0);
      expect([end(0).state, end(1).state]).toEqual(['closed', 'open']);
      expect(connections.readyCount).toBe(1);
      expect(reports.map(({ kind }) => kind)).toEqual(['opened', 'ended', 'opened']);
    },
  );

  it('handles what the old connection still brings, and leaves it after the acknowledgement', async () => {
    const { clock, end, handled } = start();
    await clock.advance(0);
    end(0).hello();
    end(0).say({ type: 'disconnect', reason: 'warning' });
    end(0).say(command);
    await clock.advance(1_000);
    end(1).hello(2);
    await clock.advance(0);
    expect(end(0).state).toBe('open');
    handled[0]?.reply({ text: 'Hello' });
    handled[0]?.done();
    await clock.advance(0);
    expect(end(0).sent).toEqual([{ envelope_id: 'e-1', payload: { text: 'Hello' } }]);
    expect(end(0).state).toBe('closed');
  });

  it('keeps the old connection while no new one can be opened', async () => {
    const { answerUrlWith, clock, connections, end } = start();
    await clock.advance(0);
    end(0).hello();
    answerUrlWith(unreachable);
    end(0).say({ type: 'disconnect', reason: 'refresh_requested' });
    await clock.advance(9_000);
    expect(end(0).state).toBe('open');
    expect(connections.readyCount).toBe(1);
  });

  it('replaces a connection that ends, while the other one works on', async () => {
    const { clock, connections, end, ends } = start({ count: 2 });
    await clock.advance(0);
    end(0).hello();
    await clock.advance(5_000);
    end(1).hello();
    end(0).end();
    await clock.advance(0);
    expect(connections.readyCount).toBe(1);
    await clock.advance(500);
    expect(ends).toHaveLength(3);
  });

  it('pings after 10 s of silence, and replaces the connection after 10 s more', async () => {
    const { clock, connections, end, ends, reports } = start();
    await clock.advance(0);
    end(0).hello();
    await clock.advance(9_999);
    expect(end(0).pings).toBe(0);
    await clock.advance(1);
    expect(end(0).pings).toBe(1);
    end(0).answersPings = false;
    await clock.advance(19_999);
    expect([end(0).pings, end(0).state]).toEqual([2, 'open']);
    await clock.advance(1);
    expect(end(0).state).toBe('closed');
    expect(connections.readyCount).toBe(0);
    expect(reports.at(-1)).toEqual({ kind: 'ended', slot: 1, end: { kind: 'silent' } });
    await clock.advance(1_000);
    expect(ends).toHaveLength(2);
  });

  it('knows for how long nothing has been received', async () => {
    const { clock, connections, end } = start();
    await clock.advance(0);
    end(0).hello();
    await clock.advance(7_000);
    expect(connections.silentForMs).toBe(7_000);
    end(0).ping();
    expect(connections.silentForMs).toBe(0);
    end(0).end();
    await clock.advance(3_000);
    expect(connections.silentForMs).toBe(3_000);
  });
});

describe('waiting after failures', () => {
  it('doubles the wait up to 10 s while Slack is unreachable, and reports each cause once', async () => {
    const { answerUrlWith, clock, end, reports, urlsAt } = start();
    answerUrlWith(unreachable);
    await clock.advance(40_000);
    expect(urlsAt).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 25_500, 35_500]);
    expect(reports.map((report) => report.kind === 'open-failed' && report.repeated)).toEqual([
      false,
      ...Array(7).fill(true),
    ]);
    answerUrlWith(undefined);
    await clock.advance(10_000);
    end(0).hello();
    await clock.advance(0);
    expect(reports.at(-1)).toMatchObject({ kind: 'opened' });
  });

  it('waits 5 s to 60 s where only a person can help', async () => {
    const { answerUrlWith, clock, urlsAt } = start();
    answerUrlWith(rejection('invalid_auth'));
    await clock.advance(200_000);
    expect(urlsAt).toEqual([0, 5_000, 15_000, 35_000, 75_000, 135_000, 195_000]);
  });

  it('waits as long as Slack asks for', async () => {
    const { answerUrlWith, clock, urlsAt } = start();
    answerUrlWith({ ok: false, failure: { kind: 'rate-limited', retryAfterSeconds: 30 } });
    await clock.advance(61_000);
    expect(urlsAt).toEqual([0, 30_000, 60_000]);
  });

  it('makes one attempt at a time for all connections while they fail', async () => {
    const { answerUrlWith, clock, urlsAt } = start({ count: 10 });
    answerUrlWith(rejection('socket_mode_not_enabled'));
    await clock.advance(200_000);
    const gaps = urlsAt.slice(1).map((time, index) => time - (urlsAt[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5_000);
    expect(urlsAt.length).toBeLessThan(10);
  });

  it.each(['too_many_websockets', 'link_disabled'])(
    'reports %s once, and does not try again in a tight loop',
    async (reason) => {
      const { clock, ends, reports } = start({ count: 2 });
      const rejectAll = () => {
        for (const end of ends) if (end.state === 'open') end.say({ type: 'disconnect', reason });
      };
      for (let second = 0; second < 120; second++) {
        await clock.advance(1_000);
        rejectAll();
      }
      expect(ends.length).toBeLessThan(8);
      const failures = reports.filter((report) => report.kind === 'open-failed');
      expect(failures.filter(({ repeated }) => !repeated)).toMatchObject([
        { failure: { kind: 'rejected', reason } },
      ]);
    },
  );

  it('makes room for the new connection where Slack counts too many', async () => {
    const { clock, connections, end } = start();
    await clock.advance(0);
    end(0).hello(10);
    end(0).say({ type: 'disconnect', reason: 'refresh_requested' });
    await clock.advance(1_000);
    end(1).say({ type: 'disconnect', reason: 'too_many_websockets' });
    await clock.advance(5_000);
    expect(end(0).state).toBe('closed');
    end(2).hello(10);
    await clock.advance(0);
    expect(connections.readyCount).toBe(1);
  });

  it('waits longer and longer where Slack ends each connection right after hello', async () => {
    const { clock, ends } = start();
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000);
      for (const end of ends) {
        if (end.state === 'open') {
          end.hello();
          end.end();
        }
      }
    }
    expect(ends.length).toBeLessThan(12);
  });

  it('opens at once after a connection that has lasted', async () => {
    const { clock, end, ends } = start();
    await clock.advance(0);
    end(0).hello();
    await clock.advance(30_000);
    end(0).end();
    await clock.advance(0);
    expect(ends).toHaveLength(2);
  });
});

describe('envelopes', () => {
  it('are acknowledged on the connection that has brought them', async () => {
    const { clock, end, handled } = start({ count: 2 });
    await clock.advance(5_000);
    end(0).hello();
    end(1).hello();
    end(1).say(command);
    await clock.advance(0);
    expect(handled[0]?.envelope).toMatchObject({ id: 'e-1', payload: { command: '/spacelift' } });
    expect(handled[0]?.reply()).toBe(true);
    expect(end(0).sent).toEqual([]);
    expect(end(1).sent).toEqual([{ envelope_id: 'e-1' }]);
  });

  it('cannot be acknowledged after their connection has ended', async () => {
    const { clock, end, handled } = start();
    await clock.advance(0);
    end(0).hello();
    end(0).say(command);
    end(0).end();
    await clock.advance(0);
    expect(handled[0]?.reply()).toBe(false);
  });

  it('of an unknown type are acknowledged and reported', async () => {
    const unusable: unknown[] = [];
    const { clock, end } = start({ onUnusable: (message) => unusable.push(message) });
    await clock.advance(0);
    end(0).hello();
    end(0).say({ type: 'workflow_steps', envelope_id: 'e-9', payload: { secret: 'x' } });
    end(0).say({ type: 'events_api', envelope_id: 'e-10' });
    expect(end(0).sent).toEqual([{ envelope_id: 'e-9' }, { envelope_id: 'e-10' }]);
    expect(unusable).toMatchObject([{ reason: 'unknown type' }, { reason: 'no payload object' }]);
    expect(JSON.stringify(unusable)).not.toContain('secret');
  });
});

describe('stopping', () => {
  it('accepts no more envelopes, acknowledges those in flight, and closes', async () => {
    const { clock, connections, end, handled } = start();
    await clock.advance(0);
    end(0).hello();
    end(0).say(command);
    const stopped = connections.stop(8_000);
    end(0).say({ ...command, envelope_id: 'e-2' });
    await clock.advance(1_000);
    expect(end(0).state).toBe('open');
    expect(handled).toHaveLength(1);
    handled[0]?.reply();
    handled[0]?.done();
    await clock.advance(0);
    await stopped;
    expect(end(0).sent).toEqual([{ envelope_id: 'e-1' }]);
    expect(end(0).state).toBe('closed');
  });

  it('ends at once without anything in flight, and opens nothing more', async () => {
    const { clock, connections, end, ends } = start({ count: 2 });
    await clock.advance(0);
    end(0).hello();
    await connections.stop(8_000);
    await clock.advance(60_000);
    expect(end(0).state).toBe('closed');
    expect(ends).toHaveLength(1);
  });

  it('breaks a connection off whose other end does not close, and one that works for too long', async () => {
    const { clock, connections, end, handled } = start({ count: 2 });
    await clock.advance(5_000);
    end(0).hello();
    end(1).hello();
    end(0).answersClose = false;
    end(1).say(command);
    const stopped = connections.stop(8_000);
    await clock.advance(2_000);
    expect(end(0).state).toBe('closed');
    await clock.advance(6_000);
    await stopped;
    await clock.advance(0);
    expect(end(1).state).toBe('closed');
    expect(handled[0]?.reply()).toBe(false);
  });
});
