import type { SocketReplicas } from '../../store/socket-replicas.ts';
import { replicaLifetime } from '../../store/socket-replicas.ts';
import { UserError } from '../../user-error.ts';
import { repeatedly } from '../repeatedly.ts';
import type { Clock } from './clock.ts';
import { maxConnections } from './limits.ts';

const renewInterval = 10_000;
/** In that time, every replica has said how many connections it holds. */
const settleMs = 15_000;

export interface SharedConnectionsSettings {
  readonly replicas: SocketReplicas;
  /** The name of this process. One that was killed and starts again has the same, and does not count twice. */
  readonly replica: string;
  /** How many connections this process keeps. */
  readonly count: number;
  readonly clock: Clock;
}

/** The part of this process in the connections that replicas share. */
export class SharedConnections {
  readonly #settings: SharedConnectionsSettings;
  readonly #stopping = new AbortController();
  #open: () => number = () => 0;
  #stopRenewing: () => Promise<void> = async () => undefined;

  constructor(settings: SharedConnectionsSettings) {
    this.#settings = settings;
  }

  /**
   * Registers the connections of this process.
   *
   * @throws UserError `too-many-connections` where all replicas together would hold more than Slack allows
   */
  async join(): Promise<void> {
    const { replicas, replica, count } = this.#settings;
    const { registered, others } = await replicas.register(replica, count, maxConnections);
    if (registered) return;
    const room = Math.max(0, maxConnections - others);
    throw new UserError(
      'too-many-connections',
      `${count} more connections would exceed the ${maxConnections} that Slack allows an app: other replicas hold ${others}`,
      {
        hint: `${room === 0 ? 'Stop a replica' : `Pass --connections ${room}`}, or lower it for all. A replica that was killed counts for ${replicaLifetime / 1000} s more.`,
        exitCode: 3,
      },
    );
  }

  /** @param open says how many connections this process holds now */
  start(open: () => number): void {
    this.#open = open;
    this.#stopRenewing = repeatedly(async () => {
      await this.#renew();
    }, renewInterval);
  }

  /**
   * Says whether Slack counts connections that are neither ours nor our replicas'. It takes a while, in which a replica
   * that has just replaced a connection says so.
   *
   * @param counted Slack's count
   * @param own ours at that time
   */
  async findForeign(counted: number, own: number): Promise<boolean> {
    for (const wait of [0, settleMs]) {
      if (wait > 0) await this.#settings.clock.sleep(wait, this.#stopping.signal);
      const others = await this.#renew();
      if (others === undefined || this.#stopping.signal.aborted || counted <= own + others) return false;
    }
    return true;
  }

  async leave(): Promise<void> {
    this.#stopping.abort();
    await this.#stopRenewing();
    try {
      await this.#settings.replicas.unregister(this.#settings.replica);
    } catch {
      // It ends by itself, a little later.
    }
  }

  /** @returns how many connections the others hold; undefined where the store does not say */
  async #renew(): Promise<number | undefined> {
    try {
      const { replicas, replica, count } = this.#settings;
      return await replicas.renew(replica, count, this.#open());
    } catch {
      // That the store fails is in /readyz, and in the log of whatever needs it more.
      return undefined;
    }
  }
}
