import type { Duplex } from 'node:stream';

/** How many connections wait in the kernel at most: what Node asks for by default, and one. */
const maxWaiting = 512;

/**
 * Measures how long requests have waited for the event loop, at most. All times are the loop's active time, in milliseconds:
 * the time in which it did not wait for anything.
 *
 * In each turn the loop reads all connections that have data, but accepts only one of those that wait in the kernel.
 */
export class WaitingTime {
  /** When the last turn ended, and the one before. */
  #turnEnd = 0;
  #turnEndBefore = 0;
  #acceptedInTurn = false;
  /** When no connection waited in the kernel. */
  #noneWaited = 0;
  /** When the last {@link maxWaiting} connections were accepted, in a ring. */
  readonly #acceptedAt = new Float64Array(maxWaiting);
  #accepted = 0;
  /** When connections were accepted whose first request has not been read, and how long they waited. */
  readonly #unread = new WeakMap<Duplex, { readonly acceptedAt: number; readonly waited: number }>();

  /**
   * To be called at the end of each turn.
   *
   * @param hasIdled whether the loop had nothing to do in this turn
   */
  turnEnded(active: number, hasIdled: boolean): void {
    // The kernel was asked for connections after the end of the last turn.
    if (hasIdled || !this.#acceptedInTurn) this.#noneWaited = this.#turnEnd;
    this.#acceptedInTurn = false;
    this.#turnEndBefore = this.#turnEnd;
    this.#turnEnd = active;
  }

  /** To be called for each connection that was accepted. @returns how long it has waited */
  ofConnection(socket: Duplex, active: number): number {
    this.#acceptedInTurn = true;
    const place = this.#accepted++ % maxWaiting;
    // At most so many were before it in the kernel's queue.
    const waited = active - Math.max(this.#noneWaited, this.#acceptedAt[place] ?? 0);
    this.#acceptedAt[place] = active;
    this.#unread.set(socket, { acceptedAt: active, waited });
    return waited;
  }

  /** How long the request that was just read from a connection has waited. */
  ofRequest(socket: Duplex, active: number): number {
    const waited = active - this.#turnEndBefore;
    const accepted = this.#unread.get(socket);
    if (accepted === undefined) return waited;
    this.#unread.delete(socket);
    // What arrived before its connection was accepted is read in the next turn. The rest did not wait for that.
    return accepted.acceptedAt < this.#turnEndBefore ? waited : Math.max(waited, accepted.waited);
  }
}
