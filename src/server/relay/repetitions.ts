import { createHash, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { within } from '../../net/time-limit.ts';
import { type HandledRequests, handledLifetime, type RequestClaim } from '../../store/handled-requests.ts';
import { type Handled, type HttpRequest, type HttpResponse, json } from '../http/route.ts';
import { describe, type Logger } from '../operations/log.ts';
import { timeLeft } from '../webhook/slack-webhook.ts';
import { HandledMemory } from './handled-memory.ts';

/** Enough for 80 commands a second. 16 MiB are 330 bytes for each; most responses are empty or short. */
const memoryLimits = { requests: 50_000, bytes: 16 * 1024 * 1024, lifetimeMs: handledLifetime };

/** How long a replica that is gone keeps its claims, and how often a live one renews them; milliseconds. */
const leaseMs = 1_000;
const renewMs = 300;
/** How often a replica asks whether another one has the response, in milliseconds. */
const pollMs = 50;
/** How long the database may take to claim a request, in milliseconds. After that the request is forwarded anyway. */
const claimTimeLimit = 400;

/**
 * Handles each signed request once, so that a captured one cannot be replayed while its signature is valid. A
 * repetition waits for the response to the first one, as a load balancer needs that has lost it. With a shared store
 * this holds across replicas; a request whose replica is gone is handled by the next one that gets it.
 */
export class Repetitions {
  readonly #memory = new HandledMemory(memoryLimits);
  readonly #shared: HandledRequests | undefined;
  readonly #log: Logger;
  readonly #replica = randomUUID();
  readonly #claimed = new Set<string>();
  readonly #recording = new Set<Promise<void>>();
  #renewing: NodeJS.Timeout | undefined;

  /** @param shared what the replicas have handled; undefined if there is only this process */
  constructor(shared: HandledRequests | undefined, log: Logger) {
    this.#shared = shared;
    this.#log = log;
  }

  /**
   * Handles a request, unless it repeats another one.
   *
   * @param request its signature is valid
   * @param handle called for a request that is new
   */
  async handle(request: HttpRequest, handle: () => Promise<Handled>): Promise<Handled> {
    // Slack's own connection authenticates what comes through Socket Mode, and this process signs it.
    if (request.client === undefined) return handle();
    // It covers the body and the time, and nobody but Slack can make another one for them.
    const signature = request.headers['x-slack-signature']?.[0] ?? '';
    const known = this.#memory.find(signature, request.startedAt);
    if (known) return repeated(await known);
    const handled = this.#shared
      ? this.#handleShared(keyOf(signature), request, handle, this.#shared)
      : handle();
    this.#memory.add(
      signature,
      handled.then(({ response }) => response),
      request.startedAt,
    );
    return handled;
  }

  /** Resolves when all responses are recorded. */
  async idle(): Promise<void> {
    await Promise.all(this.#recording);
  }

  async #handleShared(
    key: string,
    request: HttpRequest,
    handle: () => Promise<Handled>,
    shared: HandledRequests,
  ): Promise<Handled> {
    const claim = await this.#claim(key, request, shared);
    if (claim.kind === 'handled') return repeated(parseResponse(claim.response));
    if (claim.kind === 'in-progress') return repeated(json(503, { error: 'in_progress' }));
    if (claim.kind === 'unavailable') return handle();
    this.#hold(key, shared);
    let handled: Handled | undefined;
    try {
      handled = await handle();
      return handled;
    } finally {
      this.#finish(key, handled?.response, shared);
    }
  }

  /** Claims a request; while another replica handles it, waits for its response as long as there is time. */
  async #claim(
    key: string,
    request: HttpRequest,
    shared: HandledRequests,
  ): Promise<RequestClaim | { readonly kind: 'unavailable' }> {
    for (;;) {
      let claim: RequestClaim;
      try {
        claim = await within(
          Math.min(claimTimeLimit, timeLeft(request)),
          shared.claim(key, this.#replica, leaseMs),
        );
      } catch (error) {
        this.#warn(request.id, error, 'a replay would not be noticed: the store fails');
        return { kind: 'unavailable' };
      }
      if (claim.kind !== 'in-progress' || timeLeft(request) <= pollMs) return claim;
      await setTimeout(pollMs);
    }
  }

  #hold(key: string, shared: HandledRequests): void {
    this.#claimed.add(key);
    this.#renewing ??= setInterval(() => {
      shared
        .renew([...this.#claimed], this.#replica, leaseMs)
        .catch((error: unknown) => this.#warn(undefined, error, 'claims on requests not renewed'));
    }, renewMs).unref();
  }

  /** The response does not wait for its record. */
  #finish(key: string, response: HttpResponse | undefined, shared: HandledRequests): void {
    const isFinal = response !== undefined && response.status < 500;
    const recording = (
      isFinal
        ? shared.record(key, this.#replica, Buffer.from(formatResponse(response)))
        : shared.release(key, this.#replica)
    )
      .catch((error: unknown) => this.#warn(undefined, error, 'response not recorded for the other replicas'))
      .finally(() => {
        this.#recording.delete(recording);
        this.#claimed.delete(key);
        if (this.#claimed.size > 0) return;
        clearInterval(this.#renewing);
        this.#renewing = undefined;
      });
    this.#recording.add(recording);
  }

  #warn(requestId: string | undefined, error: unknown, message: string): void {
    this.#log.warn({ requestId, error: describe(error) }, message);
  }
}

/** What the store knows a request by: the signature itself stays out of it. */
function keyOf(signature: string): string {
  return createHash('sha256').update(signature).digest('base64url');
}

function repeated(response: HttpResponse): Handled {
  return { response, outcome: { kind: 'repeated' } };
}

function formatResponse({ status, headers, body }: HttpResponse): string {
  const base64 = body === undefined ? undefined : Buffer.from(body).toString('base64');
  return JSON.stringify({ status, headers, base64 });
}

/** @param recorded by {@link formatResponse} of another replica; undefined if it cannot be decrypted */
function parseResponse(recorded: Buffer | undefined): HttpResponse {
  if (recorded === undefined) return { status: 200 };
  const { status, headers, base64 } = JSON.parse(recorded.toString());
  return { status, headers, ...(base64 === undefined ? {} : { body: Buffer.from(base64, 'base64') }) };
}
