import { setTimeout } from 'node:timers/promises';
import type { ClientBase, Pool, PoolClient } from 'pg';

/** The connections to one of the hosts that a URL names. */
export interface HostPool {
  /** `host:port` */
  readonly host: string;
  readonly pool: Pool;
}

/** How long a host has before the others are asked too, in milliseconds. */
const headStartMs = 250;

/** The host is a standby, or was set to read-only. */
export class ReadOnlyHost extends Error {
  constructor() {
    super('it accepts no writes');
  }
}

/** None of several hosts accepts writes. */
export class NoWritableHost extends Error {
  readonly failures: readonly { readonly host: string; readonly cause: unknown }[];

  constructor(failures: NoWritableHost['failures']) {
    super('no host accepts writes');
    this.failures = failures;
  }
}

/**
 * Checks a new connection, as libpq does for `target_session_attrs=read-write`.
 *
 * @param timeoutMs how long the server has to respond
 * @throws ReadOnlyHost
 */
export async function requireReadWrite(client: ClientBase, timeoutMs: number): Promise<void> {
  const query = { text: 'show transaction_read_only', query_timeout: timeoutMs };
  const { rows } = await client.query<{ transaction_read_only: string }>(query);
  if (rows[0]?.transaction_read_only !== 'off') throw new ReadOnlyHost();
}

/**
 * The connections to the one of several hosts that accepts writes. The host that was found last is asked first; if it
 * fails, or does not respond soon, all others are asked at once, so that a host that has gone costs no more than the head
 * start. A connection that is established too late for its request waits for the next one.
 */
export class HostPools {
  #hosts: readonly HostPool[];
  readonly #timeLimit: number;

  /** @param timeLimit how long a request waits for a connection, in milliseconds */
  constructor(hosts: readonly HostPool[], timeLimit: number) {
    this.#hosts = hosts;
    this.#timeLimit = timeLimit;
  }

  /** @throws the failure of the host, or NoWritableHost if there are several */
  async connect(timeLimit = this.#timeLimit): Promise<PoolClient> {
    const [preferred, ...others] = this.#hosts;
    if (preferred === undefined) throw new Error('there is no host');
    if (preferred.pool.idleCount > 0) return preferred.pool.connect();
    const deadline = timeout(timeLimit);
    const first = preferred.pool.connect();
    const attempts = [{ host: preferred, connecting: first }];
    if (others.length > 0 && !(await succeedsSoon(first))) {
      attempts.push(...others.map((host) => ({ host, connecting: host.pool.connect() })));
    }
    let found: PoolClient | undefined;
    try {
      const winner = await Promise.any(
        attempts.map(async ({ host, connecting }) => ({
          host,
          client: await Promise.race([connecting, deadline]),
        })),
      );
      found = winner.client;
      this.#hosts = [winner.host, ...this.#hosts.filter((host) => host !== winner.host)];
      return found;
    } catch (error) {
      const causes: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
      if (others.length === 0) throw causes[0];
      throw new NoWritableHost(attempts.map(({ host: { host } }, index) => ({ host, cause: causes[index] })));
    } finally {
      for (const { connecting } of attempts) {
        connecting.then(
          (client) => client === found || client.release(),
          () => undefined,
        );
      }
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#hosts.map(({ pool }) => pool.end()));
  }
}

/** @returns whether a connection is established within the head start */
function succeedsSoon(connecting: Promise<unknown>): Promise<boolean> {
  const isEstablished = connecting.then(
    () => true,
    () => false,
  );
  return Promise.race([isEstablished, setTimeout(headStartMs, false, { ref: false })]);
}

/** @returns a promise that rejects after a time in milliseconds */
async function timeout(milliseconds: number): Promise<never> {
  await setTimeout(milliseconds, undefined, { ref: false });
  throw new Error('the database did not respond in time');
}
