import { randomUUID } from 'node:crypto';
import { sign } from '../../slack/signature.ts';
import type { AttemptResult, Claim, Delivery, DeliveryQueue } from '../../store/delivery-queue.ts';
import { describe, type Logger } from '../operations/log.ts';
import { webhookPath } from '../webhook/slack-webhook.ts';
import { judge } from './judge.ts';
import type { RelayMetrics } from './relay-metrics.ts';
import type { Upstream } from './upstream.ts';

export interface DelivererSettings {
  readonly queue: DeliveryQueue;
  readonly upstream: Upstream;
  /** Whether requests are refused, because there is too little CPU time: deliveries can wait. */
  readonly isOverloaded: () => boolean;
  /** Signs events again whose signature by Slack is too old. */
  readonly signingSecret: string;
  readonly log: Logger;
  readonly metrics: RelayMetrics;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** A steady clock, in milliseconds. */
  readonly steadyNow: () => number;
}

/** A claim that this replica holds. */
interface Held {
  readonly claim: Claim;
  /** Just before it was requested, by the steady clock: the lease began no earlier. */
  readonly since: number;
}

/** How many workspaces are delivered to at once. */
const concurrency = 16;
/** How often to look for events that are due, including those of replicas that have died, in milliseconds. */
const pollMs = 1_000;
/** How long the upstream may take to respond to an event, in milliseconds. Slack itself waits 3 s. */
const responseTimeLimit = 4_000;
/** How long to retry recording a result while the store fails, in milliseconds. */
const recordTimeLimit = 4_000;
/** How long a lease lasts, in milliseconds. The workspaces of a replica that has died wait for as long. */
const leaseMs = 10_000;
/**
 * How old a claim may be when its event is sent, so that the response arrives before the lease ends. Only the claim of a
 * process that was paused gets older. If a result is recorded too late, the store knows who has the lease by then.
 */
const sendTimeLimit = leaseMs - responseTimeLimit;
/** After this many events in a row, a workspace lets others go first that are due. */
const maxInARow = 50;
/** How long Slack's own signature is used, in seconds: well below the 300 that an upstream accepts. */
const freshSeconds = 60;

/** Delivers stored events to the upstream: in order within a workspace, to several workspaces at once. */
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

  /** Makes it look for due events at once. */
  wake(): void {
    this.#wake();
  }

  /** Starts no more deliveries. Resolves when those in flight are done and recorded. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
    await Promise.all(this.#working);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** How many workspaces to deliver to at once. While requests are refused, deliveries leave them the CPU. */
  get #most(): number {
    return this.#settings.isOverloaded() ? 1 : concurrency;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const { waitMs, isCircuitOpen } = this.#settings.upstream;
      // While the circuit is open, one event is enough to find out whether the upstream is back.
      const free = Math.min(isCircuitOpen ? 1 : concurrency, this.#most - this.#working.size);
      const claims = free > 0 && waitMs === 0 ? await this.#claim(free) : [];
      for (const held of claims) {
        const work = this.#work(held).finally(() => {
          this.#working.delete(work);
          this.wake();
        });
        this.#working.add(work);
      }
      if (claims.length > 0 && claims.length === free) continue;
      await sleepUntil(woken, waitMs > 0 ? Math.min(waitMs, pollMs) : pollMs);
    }
  }

  async #claim(limit: number): Promise<readonly Held[]> {
    const { queue, log, steadyNow } = this.#settings;
    const since = steadyNow();
    try {
      const claims = await queue.claim(limit, leaseMs);
      if (this.#storeFails) log.info('the store works again: deliveries continue');
      this.#storeFails = false;
      return claims.map((claim) => ({ claim, since }));
    } catch (error) {
      if (!this.#storeFails) log.error({ error: describe(error) }, 'deliveries paused: the store fails');
      this.#storeFails = true;
      return [];
    }
  }

  async #work(first: Held): Promise<void> {
    const { steadyNow } = this.#settings;
    let held: Held | undefined = first;
    // A claim that is too old is left alone until its lease ends: another replica may have the workspace.
    for (let count = 0; held && steadyNow() - held.since < sendTimeLimit; count++) {
      const { claim }: Held = held;
      const givesBack = this.#stopping || count === maxInARow || this.#working.size > this.#most;
      const result: AttemptResult = givesBack
        ? { kind: 'not-attempted', afterMs: 0 }
        : await this.#deliver(claim);
      held = await this.#settle(claim, result);
      if (result.kind === 'retry' && result.afterMs < pollMs) this.#wakeAfter(result.afterMs);
    }
  }

  #wakeAfter(milliseconds: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.wake();
    }, milliseconds);
    this.#timers.add(timer);
  }

  /** Records a result, with retries: an event whose delivery is not recorded is delivered twice. */
  async #settle(claim: Claim, result: AttemptResult): Promise<Held | undefined> {
    const { queue, log, steadyNow } = this.#settings;
    const start = steadyNow();
    for (;;) {
      const since = steadyNow();
      try {
        const next = await queue.settle(claim, result, leaseMs);
        return next && { claim: next, since };
      } catch (error) {
        if (this.#stopping || steadyNow() - start > recordTimeLimit) {
          const { eventId } = claim.delivery;
          log.error(
            { eventId, error: describe(error) },
            'delivery not recorded: the event will be delivered again',
          );
          return undefined;
        }
        await sleepUntil(undefined, pollMs);
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
      timeLimit: responseTimeLimit,
      sender: `events of ${workspace}`,
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
      attempts: delivery.attempts + 1,
    };
    if (result.kind === 'delivered') log.info(line, 'event delivered');
    else if (result.kind === 'retry') {
      log.warn({ ...line, reason: result.failure, retryInMs: result.afterMs }, 'event not delivered yet');
    } else
      log.error({ ...line, reason: result.failure }, 'event set aside (dead letter): see serve events list');
    return result;
  }

  /** The headers with Slack's own signature while it is fresh, else with a new one over the same bytes. */
  #headers({ headers, body, attempts }: Delivery, requestId: string): Record<string, string> {
    const nowSeconds = Math.floor(this.#settings.now() / 1000);
    const age = Math.abs(nowSeconds - Number(headers['x-slack-request-timestamp']));
    const renewed = { ...headers, 'x-request-id': requestId };
    if (attempts === 0 && age <= freshSeconds) return renewed;
    const timestamp = String(nowSeconds);
    return {
      ...renewed,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': sign(this.#settings.signingSecret, timestamp, body),
    };
  }
}

async function sleepUntil(woken: Promise<void> | undefined, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race(woken ? [slept, woken] : [slept]);
  clearTimeout(timer);
}
