import type { DeliveryHeaders, KeptState } from './delivery-queue.ts';

/** An attempt to deliver an event. */
interface Attempt {
  /** Milliseconds since the epoch, by the database's clock. */
  readonly at: number;
  /** Null if it delivered the event. */
  readonly failure: string | null;
}

/** A stored event with all that is known about its delivery. */
export interface StoredEvent {
  readonly eventId: string;
  readonly workspace: string;
  readonly type: string;
  /** `not-queued`: an operator discarded it, or a stand-in stored it. */
  readonly state: KeptState | 'delivered' | 'not-queued';
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** The last ones, the oldest first. */
  readonly attempts: readonly Attempt[];
  /** The headers to forward it with, while it is queued. */
  readonly headers: DeliveryHeaders | undefined;
  /** The raw body of the request; undefined if it cannot be decrypted. */
  readonly body: Uint8Array | undefined;
}

/** Whether an event was queued again. `queued`: it still is in the queue. `unknown`: it is not stored. */
export type ResendResult = 'resent' | 'queued' | 'unknown';

/** All events that are stored: those in the queue, and the others until they are pruned. */
export interface StoredEvents {
  find(eventId: string): Promise<StoredEvent | undefined>;
  /**
   * Queues an event that is no longer in the queue once more, due now.
   *
   * @param headers to forward it with; it is signed when it is sent
   */
  resend(eventId: string, headers: DeliveryHeaders): Promise<ResendResult>;
}
