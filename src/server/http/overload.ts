import type { Duplex } from 'node:stream';
import { LoadShedding } from './load-shedding.ts';
import { type HttpResponse, json } from './route.ts';
import { WaitingTime } from './waiting-time.ts';

const busy = json(503, { error: 'overloaded' });

/** The response to a request that is refused. */
export const overloaded: HttpResponse = { ...busy, headers: { ...busy.headers, 'Retry-After': '1' } };

/** Refuses requests while the process has too little CPU time for all of them; see {@link LoadShedding}. */
export class Overload {
  readonly #waiting = new WaitingTime();
  readonly #shedding = new LoadShedding();
  readonly #onRefused: () => void;
  #watching: NodeJS.Immediate | undefined;
  #idle = 0;

  /** @param onRefused called for each request that is refused */
  constructor(onRefused: () => void) {
    this.#onRefused = onRefused;
    this.#watch();
  }

  /** Measures no longer. */
  stop(): void {
    clearImmediate(this.#watching);
  }

  /** Whether it has refused a request lately: what can wait should. */
  get isShedding(): boolean {
    return this.#shedding.isShedding(performance.now());
  }

  /** Whether a connection that was just accepted is to be closed, since it is too late for its request. */
  closes(socket: Duplex): boolean {
    const waited = this.#waiting.ofConnection(socket, activeTime());
    if (!this.#shedding.isTooLate(waited, performance.now())) return false;
    this.#onRefused();
    return true;
  }

  /** Whether the request that was just read from a connection is to be refused. */
  refuses(socket: Duplex): boolean {
    const waited = this.#waiting.ofRequest(socket, activeTime());
    if (this.#shedding.admits(waited, performance.now())) return false;
    this.#onRefused();
    return true;
  }

  /** A request that was not refused has arrived as a whole. */
  begun(): void {
    this.#shedding.begun();
  }

  /** A request that has begun has its response. */
  finished(): void {
    this.#shedding.finished(performance.now());
  }

  #watch(): void {
    const { active, idle } = performance.eventLoopUtilization();
    this.#waiting.turnEnded(active, idle > this.#idle);
    this.#idle = idle;
    // It runs at the end of each turn, and does not keep the loop from waiting.
    this.#watching = setImmediate(() => this.#watch()).unref();
  }
}

/** How long the event loop has been active so far, in milliseconds: without the time in which it waited for the kernel. */
function activeTime(): number {
  return performance.eventLoopUtilization().active;
}
