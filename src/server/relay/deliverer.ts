import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { sign } from '../../slack/signature.ts';
import type { AttemptResult, Claim, Delivery, DeliveryQueue } from '../../store/delivery-queue.ts';
import { describe } from '../operations/log.ts';
import { webhookPath } from '../webhook/slack-webhook.ts';
import { backoff } from './backoff.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import {
  describeStatus,
  isAccepted,
  type Upstream,
  type UpstreamFailure,
  type UpstreamResponse,
} from './upstream.ts';

export interface DelivererSettings {
  readonly queue: DeliveryQueue;
  readonly upstream: Upstream;
  /** Signs what is sent later than Slack signed it. */
  readonly signingSecret: string;
  readonly log: Logger;
  readonly metrics: RelayMetrics;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** A steady clock, in milliseconds. */
  readonly steadyNow: () => number;
}

/** A claim as it is held here. */
interface Held {
  readonly claim: Claim;
  /** Just before it was asked for, by the steady clock: its lease began no earlier. */
  readonly since: number;
}

/** How many workspaces are served at once. */
const concurrency = 16;
/** How often to look for what other replicas have left or what is due again, in milliseconds. */
const lookEvery = 1_000;
/** How long the upstream may take with an event, in milliseconds; Slack itself gives 3 s. */
const answerTimeLimit = 4_000;
/** How long a try may be noted again and again where the store fails, in milliseconds. */
const noteTimeLimit = 4_000;
/** How long a claim lasts; a replica that has died keeps its workspaces for as long, in milliseconds. */
const leaseMs = 10_000;
/**
 * How old a claim may be when its event is sent, so that the answer is there while nobody else has the workspace. Only
 * a process that was halted gets so far; a note that comes late learns from the store whose the workspace is by then.
 */
const sendTimeLimit = leaseMs - answerTimeLimit;
/** After so many events in a row a workspace makes way for others that are due. */
const mostInARow = 50;
/** Slack's signature serves while it is this young, in seconds: well below the 300 that an upstream accepts. */
const freshSeconds = 60;
/** So many refusals, and the event is set aside. */
const mostRefusals = 10;
/** 4xx that say nothing against the event. */
const passingStatuses = new Set([408, 425, 429]);

/** Brings the events that are stored to the upstream, one workspace's in order and several workspaces' at once. */
export class Deliverer {
  readonly #settings: DelivererSettings;
  readonly #working = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #running: Promise<void> | undefined;
  #stopping = false;
  #storeFails = false;
  #wake: () => void = () => undefined;

  constructor(settings: DelivererSettings) {
    this.#settings = settings;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Says that there is something new. */
  wake(): void {
    this.#wake();
  }

  /** Begins nothing more, and resolves when what has begun is done and noted. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
    await Promise.all(this.#working);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const { waitMs, isCircuitOpen } = this.#settings.upstream;
      // One event is enough to find out whether an upstream that was down is back.
      const free = Math.min(isCircuitOpen ? 1 : concurrency, concurrency - this.#working.size);
      const claims = free > 0 && waitMs === 0 ? await this.#claim(free) : [];
      for (const held of claims) {
        const work = this.#work(held).finally(() => {
          this.#working.delete(work);
          this.wake();
        });
        this.#working.add(work);
      }
      if (claims.length > 0 && claims.length === free) continue;
      await sleepUntil(woken, waitMs > 0 ? Math.min(waitMs, lookEvery) : lookEvery);
    }
  }

  async #claim(limit: number): Promise<readonly Held[]> {
    const { queue, log, steadyNow } = this.#settings;
    const since = steadyNow();
    try {
      const claims = await queue.claim(limit, leaseMs);
      if (this.#storeFails) log.info('the store answers again: deliveries go on');
      this.#storeFails = false;
      return claims.map((claim) => ({ claim, since }));
    } catch (error) {
      if (!this.#storeFails) log.error({ error: describe(error) }, 'no deliveries: the store fails');
      this.#storeFails = true;
      return [];
    }
  }

  async #work(first: Held): Promise<void> {
    const { steadyNow } = this.#settings;
    let held: Held | undefined = first;
    // One that is too old to be used is left alone until its lease ends: it may be another's already.
    for (let count = 0; held && steadyNow() - held.since < sendTimeLimit; count++) {
      const { claim }: Held = held;
      const givesBack = this.#stopping || count === mostInARow;
      const result: AttemptResult = givesBack
        ? { kind: 'not-attempted', afterMs: 0 }
        : await this.#deliver(claim);
      held = await this.#settle(claim, result);
      if (result.kind === 'retry' && result.afterMs < lookEvery) this.#wakeAfter(result.afterMs);
    }
  }

  #wakeAfter(milliseconds: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.wake();
    }, milliseconds);
    this.#timers.add(timer);
  }

  /** Notes a result, again and again for a while: what is not noted is delivered twice. */
  async #settle(claim: Claim, result: AttemptResult): Promise<Held | undefined> {
    const { queue, log, steadyNow } = this.#settings;
    const start = steadyNow();
    for (;;) {
      const since = steadyNow();
      try {
        const next = await queue.settle(claim, result, leaseMs);
        return next && { claim: next, since };
      } catch (error) {
        if (this.#stopping || steadyNow() - start > noteTimeLimit) {
          const { eventId } = claim.delivery;
          log.error(
            { eventId, error: describe(error) },
            'a delivery could not be noted, and will be repeated',
          );
          return undefined;
        }
        await sleepUntil(undefined, lookEvery);
      }
    }
  }

  async #deliver({ workspace, delivery }: Claim): Promise<AttemptResult> {
    const { upstream, log, metrics, steadyNow } = this.#settings;
    const requestId = randomUUID();
    const start = steadyNow();
    const response = await upstream.send({
      method: 'POST',
      path: webhookPath,
      headers: this.#headers(delivery, requestId),
      body: delivery.body,
      timeLimit: answerTimeLimit,
    });
    const result = judge(response, delivery, upstream.waitMs, Math.random());
    if (result.kind === 'not-attempted') return result;
    metrics.countAttempt(result.kind);
    const line = {
      requestId,
      who: workspace,
      what: delivery.type,
      eventId: delivery.eventId,
      ...(response.kind === 'response' ? { upstreamStatus: response.status } : {}),
      ms: Math.round((steadyNow() - start) * 10) / 10,
      tries: delivery.tries + 1,
    };
    if (result.kind === 'delivered') log.info(line, 'event delivered');
    else if (result.kind === 'retry') {
      log.warn({ ...line, reason: result.failure, againInMs: result.afterMs }, 'event not delivered yet');
    } else log.error({ ...line, reason: result.failure }, 'event set aside: see serve events');
    return result;
  }

  /** Slack's own signature while it serves, else a fresh one of ours over the same bytes. */
  #headers({ headers, body, tries }: Delivery, requestId: string): Record<string, string> {
    const nowSeconds = Math.floor(this.#settings.now() / 1000);
    const age = Math.abs(nowSeconds - Number(headers['x-slack-request-timestamp']));
    const renewed = { ...headers, 'x-request-id': requestId };
    if (tries === 0 && age <= freshSeconds) return renewed;
    const timestamp = String(nowSeconds);
    return {
      ...renewed,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': sign(this.#settings.signingSecret, timestamp, body),
    };
  }
}

/** What a try means for its event. */
function judge(
  response: UpstreamResponse | UpstreamFailure,
  { tries, refusals }: Delivery,
  waitMs: number,
  random: number,
): AttemptResult {
  const afterMs = backoff(tries + 1, random);
  if (response.kind === 'failure') {
    if (response.reason === 'circuit-open') return { kind: 'not-attempted', afterMs: Math.ceil(waitMs) };
    return { kind: 'retry', afterMs, failure: response.detail, refused: false };
  }
  if (isAccepted(response)) return { kind: 'delivered' };
  const { status } = response;
  const failure = describeStatus(response);
  const refused = status >= 400 && status < 500 && !passingStatuses.has(status);
  if (refused && refusals + 1 >= mostRefusals) return { kind: 'set-aside', failure };
  return { kind: 'retry', afterMs, failure, refused };
}

async function sleepUntil(woken: Promise<void> | undefined, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race(woken ? [slept, woken] : [slept]);
  clearTimeout(timer);
}
