import { setTimeout } from 'node:timers/promises';
import { ChaosUpstream } from './chaos-upstream.ts';
import { localSlack } from './local-slack.ts';
import { randomNumbers } from './random.ts';
import { complaintsOf, findOutOfOrder } from './relay-chaos.ts';
import { type ServeProcess, startServe } from './serve-process.ts';

export interface SocketChaosSettings {
  readonly seconds: number;
  readonly killEverySeconds: number;
  /** How long Slack refuses new connections each time, in seconds. */
  readonly refusalSeconds: number;
  readonly relays: number;
  /** `--store` or `DATABASE_URL` of the relays. */
  readonly store: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** The same seed gives the upstream the same moods in the same order. */
  readonly seed: number;
}

export interface SocketChaosFigures {
  readonly acknowledged: number;
  /** Deliveries of these events, those that were not acknowledged included. */
  readonly attempts: number;
  readonly lost: readonly string[];
  readonly outOfOrder: readonly string[];
  readonly duplicates: number;
  /** Requests that the upstream accepted without a response. */
  readonly upstreamBrokenOff: number;
  readonly commands: {
    readonly acknowledged: number;
    readonly byUpstream: number;
    readonly apologies: number;
    /** Their connection was cut, or there was none at that moment. */
    readonly brokenOff: number;
    readonly unacknowledged: number;
    readonly slowestMs: number;
    readonly unfit: readonly string[];
  };
  readonly kills: number;
  readonly cuts: number;
  readonly refreshes: number;
  readonly refusals: number;
  readonly connections: number;
  /** The most attempts to connect in any second. */
  readonly mostAttemptsInASecond: number;
  readonly crashes: readonly string[];
  /** Errors that the relays logged besides failed requests, such as a store that does not respond. */
  readonly complaints: readonly string[];
  readonly unverified: readonly string[];
  readonly problems: readonly string[];
  readonly drainedAfterMs: number;
}

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const workspaces = ['T1', 'T2', 'T3', 'T4'];
const drainLimit = 120_000;
const leastKills = 2;

/** Puts load on relays without a public listener, while connections, relays, Slack and the upstream fail. */
export async function runSocketChaos(settings: SocketChaosSettings): Promise<SocketChaosFigures> {
  const random = randomNumbers(settings.seed);
  const slack = await localSlack();
  const app = slack.workspace.addApp({ settings: { socket_mode_enabled: true } });
  const upstream = new ChaosUpstream(signingSecret, random);
  await upstream.listen();
  const args = ['--socket-mode', '--upstream', `http://127.0.0.1:${upstream.port}`, '--log-format', 'json'];
  const env = {
    SLACK_SECRET: signingSecret,
    SLACK_APP_TOKEN: slack.workspace.addAppToken(app),
    SLACK_API_URL: slack.url,
    ...settings.store.env,
  };
  const startRelay = () => startServe([...args, ...settings.store.args], env);
  try {
    const relays = await Promise.all(Array.from({ length: settings.relays }, startRelay));
    await slack.workspace.socketMode.hasConnections(settings.relays);
    return await trouble(settings, { slack, relays, upstream, random });
  } finally {
    await upstream.close();
  }
}

interface Scene {
  readonly slack: Awaited<ReturnType<typeof localSlack>>;
  readonly relays: readonly ServeProcess[];
  readonly upstream: ChaosUpstream;
  readonly random: () => number;
}

async function trouble(
  { seconds, killEverySeconds, refusalSeconds }: SocketChaosSettings,
  { slack, relays, upstream, random }: Scene,
): Promise<SocketChaosFigures> {
  const { socketMode } = slack.workspace;
  const end = performance.now() + seconds * 1000;
  // On a busy machine, relays start slowly: the faults last until enough relays were killed.
  const goesOn = () => performance.now() < end || counts.kills < leastKills;
  const acknowledged: string[] = [];
  const commands = {
    acknowledged: 0,
    byUpstream: 0,
    apologies: 0,
    brokenOff: 0,
    unacknowledged: 0,
    slowestMs: 0,
    unfit: [] as string[],
  };
  const counts = { attempts: 0, kills: 0, cuts: 0, refreshes: 0, refusals: 0 };
  const anyConnection = () => socketMode.connections[Math.floor(random() * socketMode.connections.length)];

  /** One event after the other, each repeated until it is acknowledged. */
  async function sendEvents(workspace: string): Promise<void> {
    for (let number = 0; goesOn(); number++) {
      const event_id = `Ev${workspace}N${number}`;
      const event = { type: 'app_mention', number };
      const payload = { type: 'event_callback', team_id: workspace, event_id, event };
      const outcome = await socketMode.deliverEvent(payload, Number.POSITIVE_INFINITY, 50);
      if (outcome.kind === 'acknowledged') counts.attempts += outcome.attempts;
      acknowledged.push(event_id);
      await setTimeout(100);
    }
  }

  async function sendCommand(): Promise<void> {
    const payload = { command: '/spacelift', text: 'help', team_id: 'T1' };
    const outcome = await socketMode.deliver({ kind: 'command', payload });
    if (outcome.kind === 'unacknowledged') commands.unacknowledged += 1;
    else if (outcome.kind !== 'acknowledged') commands.brokenOff += 1;
    else {
      const text = JSON.stringify(outcome.payload) ?? '';
      commands.acknowledged += 1;
      commands.slowestMs = Math.max(commands.slowestMs, Math.round(outcome.afterMs));
      if (text === '{"text":"taken"}') commands.byUpstream += 1;
      else if (text.includes('"ephemeral"')) commands.apologies += 1;
      else commands.unfit.push(text);
    }
  }

  async function sendCommands(): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (goesOn()) {
      const sending = sendCommand().finally(() => underWay.delete(sending));
      underWay.add(sending);
      await setTimeout(100);
    }
    await Promise.all(underWay);
  }

  async function disturb(everyMs: number, work: () => unknown): Promise<void> {
    while (goesOn()) {
      await setTimeout(everyMs * (0.5 + random()));
      if (goesOn()) await work();
    }
  }

  const cut = () => {
    anyConnection()?.cut();
    counts.cuts += 1;
  };
  const refresh = () => {
    anyConnection()?.disconnect(random() < 0.5 ? 'warning' : 'refresh_requested');
    counts.refreshes += 1;
  };
  const refuse = async () => {
    counts.refusals += 1;
    socketMode.refusesConnections = true;
    await setTimeout(refusalSeconds * 1000);
    socketMode.refusesConnections = false;
  };
  const kill = async () => {
    await setTimeout(killEverySeconds * 1000);
    const relay = relays[counts.kills % relays.length];
    await relay?.end('SIGKILL');
    counts.kills += 1;
    await relay?.restart();
  };

  upstream.startTrouble();
  await Promise.all([
    ...workspaces.map(sendEvents),
    sendCommands(),
    disturb(2_000, cut),
    disturb(4_000, refresh),
    disturb(seconds * 200, refuse),
    disturb(0, kill),
  ]);
  await upstream.endTrouble();

  const calm = performance.now();
  const ids = new Set<string>();
  let missing: readonly string[] = acknowledged;
  for (let read = 0; ; ) {
    for (const { eventId } of upstream.accepted.slice(read)) ids.add(eventId);
    read = upstream.accepted.length;
    missing = missing.filter((eventId) => !ids.has(eventId));
    if (missing.length === 0 || performance.now() - calm > drainLimit) break;
    await setTimeout(50);
  }
  return {
    acknowledged: acknowledged.length,
    lost: missing,
    outOfOrder: findOutOfOrder(upstream),
    duplicates: upstream.accepted.length - ids.size,
    upstreamBrokenOff: upstream.brokenOff,
    commands,
    ...counts,
    connections: socketMode.acceptedAt.length,
    mostAttemptsInASecond: mostInASecond([...socketMode.attemptsAt]),
    crashes: relays.flatMap((relay) => relay.crashes),
    complaints: relays.flatMap(complaintsOf),
    unverified: upstream.refused,
    problems: [...slack.problems],
    drainedAfterMs: Math.round(performance.now() - calm),
  };
}

/** @param times in milliseconds, ascending */
function mostInASecond(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, time] of times.entries()) {
    while ((times[first] ?? time) <= time - 1000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
