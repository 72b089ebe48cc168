import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { ChaosUpstream } from './chaos-upstream.ts';
import { randomNumbers } from './random.ts';
import { type ServeProcess, startServe } from './serve-process.ts';
import { timed } from './stopwatch.ts';

export interface ChaosSettings {
  readonly seconds: number;
  readonly killEverySeconds: number;
  readonly databaseUrl: string;
  /** The same seed gives the upstream the same moods in the same order. */
  readonly seed: number;
}

export interface ChaosFigures {
  readonly acknowledged: number;
  readonly lost: readonly string[];
  /** Events that were delivered before an earlier one of their workspace. */
  readonly outOfOrder: readonly string[];
  readonly duplicates: number;
  /** Delivered events whose `event_id` was never acknowledged. */
  readonly unrecognisable: number;
  readonly kills: number;
  /** What relays printed last that ended without being killed. */
  readonly crashes: readonly string[];
  /** Errors that the relays logged besides failed requests, such as a store that does not respond. */
  readonly complaints: readonly string[];
  readonly upstreamRestarts: number;
  /** Requests that the upstream accepted without a response. */
  readonly upstreamBrokenOff: number;
  readonly forged: number;
  /** What reached the upstream and was rejected by @slack/bolt. */
  readonly unverified: readonly string[];
  /** Responses to forged requests: count by status. */
  readonly forgedStatuses: Readonly<Record<number, number>>;
  readonly commands: {
    readonly answered: number;
    readonly byUpstream: number;
    readonly apologies: number;
    /** Sent again, to the other relay, because the first was killed before its response, or was overloaded. */
    readonly brokenOff: number;
    /** Without the time in which a busy machine ran something else than this process. */
    readonly slowestMs: number;
    readonly unfit: readonly string[];
  };
  /** From the end of the faults until every event was delivered. */
  readonly drainedAfterMs: number;
}

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const workspaces = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6'];
/** Pauses between the requests of one sender, in milliseconds. */
const pause = { event: 150, command: 100, forged: 100 };
const drainLimit = 120_000;
const leastKills = 2;

/** Puts load on two relays with one database and an unreliable upstream, and kills the relays in turn. */
export async function runChaos(settings: ChaosSettings): Promise<ChaosFigures> {
  const random = randomNumbers(settings.seed);
  const upstream = new ChaosUpstream(signingSecret, random);
  await upstream.listen();
  const startRelay = () =>
    startServe(['--upstream', `http://127.0.0.1:${upstream.port}`, '--log-format', 'json'], {
      SLACK_SECRET: signingSecret,
      DATABASE_URL: settings.databaseUrl,
    });
  try {
    return await trouble(settings, await Promise.all([startRelay(), startRelay()]), upstream);
  } finally {
    await upstream.close();
  }
}

async function trouble(
  { seconds, killEverySeconds }: ChaosSettings,
  relays: readonly ServeProcess[],
  upstream: ChaosUpstream,
): Promise<ChaosFigures> {
  const end = performance.now() + seconds * 1000;
  // On a busy machine, relays start slowly: the faults last until enough relays were killed.
  const goesOn = () => performance.now() < end || kills < leastKills;
  const commands = {
    answered: 0,
    byUpstream: 0,
    apologies: 0,
    brokenOff: 0,
    slowestMs: 0,
    unfit: [] as string[],
  };
  const acknowledged: string[] = [];
  const forgedStatuses: Record<number, number> = {};
  let kills = 0;
  let turn = 0;
  const nextUrl = () => relays[turn++ % relays.length]?.url ?? '';

  /** One event after the other, each repeated until it is acknowledged, as Slack does. */
  async function sendEvents(workspace: string): Promise<void> {
    for (let number = 0; goesOn(); number++) {
      const eventId = `Ev${workspace}N${number}`;
      const body = JSON.stringify({
        type: 'event_callback',
        team_id: workspace,
        event_id: eventId,
        event: { type: 'app_mention', number },
      });
      for (;;) {
        const answer = await send(nextUrl(), body, 'application/json').catch(() => undefined);
        if (answer?.status === 200) break;
        await setTimeout(20);
      }
      acknowledged.push(eventId);
      await setTimeout(pause.event);
    }
  }

  async function sendCommands(): Promise<void> {
    while (goesOn()) {
      void sendCommand();
      await setTimeout(pause.command);
    }
  }

  const commandsOnTheirWay = new Set<Promise<void>>();
  function sendCommand(): void {
    const sending = (async () => {
      const body = new URLSearchParams({
        command: '/spacelift',
        text: 'help',
        team_id: 'T1',
        trigger_id: randomUUID(),
      });
      for (;;) {
        const { value: answer, milliseconds } = await timed(() =>
          send(nextUrl(), body.toString(), 'application/x-www-form-urlencoded').catch(() => undefined),
        );
        if (answer === undefined || (answer.status === 503 && answer.body.includes('overloaded'))) {
          // A load balancer, too, would turn to the other relay. On a busy machine, a relay may be overloaded.
          commands.brokenOff += 1;
          continue;
        }
        commands.slowestMs = Math.max(commands.slowestMs, milliseconds);
        commands.answered += 1;
        if (answer.status === 200 && answer.body === 'taken') commands.byUpstream += 1;
        else if (answer.status === 200 && answer.body.includes('"ephemeral"')) commands.apologies += 1;
        else commands.unfit.push(`${answer.status} ${answer.body}`);
        return;
      }
    })().finally(() => commandsOnTheirWay.delete(sending));
    commandsOnTheirWay.add(sending);
  }

  async function sendForged(): Promise<void> {
    for (let number = 0; goesOn(); number++) {
      const body = JSON.stringify({ type: 'event_callback', event_id: `Forged${number}`, event: { number } });
      const secret = number % 2 === 0 ? 'another secret' : signingSecret;
      const at = number % 2 === 0 ? 0 : -301;
      const answer = await send(nextUrl(), body, 'application/json', { secret, at }).catch(() => undefined);
      if (answer) forgedStatuses[answer.status] = (forgedStatuses[answer.status] ?? 0) + 1;
      await setTimeout(pause.forged);
    }
  }

  async function kill(): Promise<void> {
    for (;;) {
      await setTimeout(killEverySeconds * 1000);
      if (!goesOn()) return;
      const relay = relays[kills % relays.length];
      await relay?.end('SIGKILL');
      kills += 1;
      await relay?.restart();
    }
  }

  upstream.startTrouble();
  await Promise.all([...workspaces.map(sendEvents), sendCommands(), sendForged(), kill()]);
  await Promise.all(commandsOnTheirWay);
  await upstream.endTrouble();

  const calm = performance.now();
  const ids = new Set<string>();
  let missing = acknowledged;
  // Reads only new events each time: this process is the upstream, too, and must respond.
  for (let read = 0; ; ) {
    for (const { eventId } of upstream.accepted.slice(read)) ids.add(eventId);
    read = upstream.accepted.length;
    missing = missing.filter((eventId) => !ids.has(eventId));
    if (missing.length === 0 || performance.now() - calm > drainLimit) break;
    await setTimeout(50);
  }
  const drainedAfterMs = Math.round(performance.now() - calm);
  const expected = new Set(acknowledged);
  return {
    acknowledged: acknowledged.length,
    lost: missing,
    outOfOrder: findOutOfOrder(upstream),
    duplicates: upstream.accepted.length - ids.size,
    unrecognisable: [...ids].filter((eventId) => !expected.has(eventId)).length,
    kills,
    crashes: relays.flatMap((relay) => relay.crashes),
    complaints: relays.flatMap(complaintsOf),
    upstreamRestarts: upstream.restarts,
    upstreamBrokenOff: upstream.brokenOff,
    forged: Object.values(forgedStatuses).reduce((sum, count) => sum + count, 0),
    unverified: upstream.refused,
    forgedStatuses,
    commands,
    drainedAfterMs,
  };
}

/** Errors that a relay logged and that belong to no request. */
export function complaintsOf(relay: ServeProcess): string[] {
  return relay
    .output()
    .split('\n')
    .filter((line) => line.includes('"level":"error"') && !line.includes('"msg":"request"'));
}

/** A duplicate may follow at once, but no event may follow one that was sent later. */
export function findOutOfOrder({ accepted }: ChaosUpstream): string[] {
  const latest = new Map<string, number>();
  return accepted.flatMap(({ workspace, eventId, number }) => {
    const before = latest.get(workspace) ?? -1;
    latest.set(workspace, Math.max(before, number));
    return number < before ? [eventId] : [];
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Posts as Slack does, with a signature that is computed here. Rejects if the connection breaks. */
function send(
  url: string,
  body: string,
  type: string,
  { secret = signingSecret, at = 0 } = {},
): Promise<Answer> {
  const timestamp = String(Math.floor(Date.now() / 1000) + at);
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${url}/webhooks/slack`,
      {
        method: 'POST',
        agent: false,
        headers: {
          'Content-Type': type,
          'Content-Length': Buffer.byteLength(body),
          'X-Slack-Request-Timestamp': timestamp,
          'X-Slack-Signature': `v0=${signature}`,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
