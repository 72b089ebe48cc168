import type { QueueLengths, QueueLimit } from './delivery-queue.ts';

/** Decides which events of a group still fit into the queue. */
export class QueueRoom {
  #events: number;
  #bytes: number;

  /** @param held what the queue holds before the group; undefined if no event of it is new */
  constructor(held: { readonly queuedEvents: number; readonly queuedBytes: number } | undefined) {
    this.#events = held?.queuedEvents ?? 0;
    this.#bytes = held?.queuedBytes ?? 0;
  }

  /**
   * Counts an event in, if it fits.
   *
   * @param bytes the size of its encrypted body and headers
   */
  admits(bytes: number, limit: QueueLimit | undefined): boolean {
    const fits = !limit || (this.#events < limit.events && this.#bytes + bytes <= limit.bytes);
    if (fits) {
      this.#events += 1;
      this.#bytes += bytes;
    }
    return fits;
  }
}

/** Most events are not smaller, encrypted and with their headers. */
const usualEventBytes = 1024;

/** Whether new events are refused: there is no room for one of the usual size. */
export function isFull({ waiting, setAside, bytes }: QueueLengths, limit: QueueLimit): boolean {
  return waiting + setAside >= limit.events || bytes + usualEventBytes > limit.bytes;
}

/** How much of the limit is used, by count or by bytes, whichever is more. */
export function usedRatio({ waiting, setAside, bytes }: QueueLengths, limit: QueueLimit): number {
  return Math.max((waiting + setAside) / limit.events, bytes / limit.bytes);
}
