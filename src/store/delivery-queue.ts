/** The headers that an event is forwarded with, by name. Slack's signature is one of them. */
export type DeliveryHeaders = Readonly<Record<string, string>>;

/** An event that is to be delivered to the upstream. */
export interface Delivery {
  /** The order in which events were stored. */
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  /** The raw body of the request. */
  readonly body: Uint8Array;
  readonly headers: DeliveryHeaders;
  /** How many attempts there were, and how many of them the upstream rejected with 4xx. */
  readonly attempts: number;
  readonly rejections: number;
}

/**
 * A lease on the events of one workspace. While it lasts, no other replica delivers them, so that they arrive in order.
 * If its holder dies, the workspace is free again when the lease ends.
 */
export interface Claim {
  readonly workspace: string;
  readonly lease: string;
  /** The oldest event that waits in the workspace. */
  readonly delivery: Delivery;
}

/**
 * The longest wait between two attempts, in milliseconds. It is short because the events behind wait too. A longer wait
 * in the database means that its clock was set back: the event is treated as due.
 */
export const maxBackoffMs = 10_000;

/** How an attempt to deliver an event ended. */
export type AttemptResult =
  | { readonly kind: 'delivered' }
  /** The event stays the first of its workspace. The next attempt is in `afterMs`, at most {@link maxBackoffMs}. */
  | {
      readonly kind: 'retry';
      readonly afterMs: number;
      readonly failure: string;
      /** Whether the upstream responded with 4xx. */
      readonly rejected: boolean;
    }
  /** The event is out of the queue, as a dead letter, until an operator decides. Those behind it go on. */
  | { readonly kind: 'set-aside'; readonly failure: string }
  /** There was no attempt. */
  | { readonly kind: 'not-attempted'; readonly afterMs: number };

export type KeptState = 'waiting' | 'set-aside';

/** How many attempts are remembered for each event. */
export const maxRememberedAttempts = 20;

/** Which events to list. */
export interface EventFilter {
  /** `delivered`: the delivered events that are still stored. */
  readonly state?: KeptState | 'delivered' | undefined;
  readonly type?: string | undefined;
  readonly workspace?: string | undefined;
  readonly limit: number;
}

/** A kept event, as an operator sees it. */
export interface KeptEvent {
  readonly eventId: string;
  readonly workspace: string;
  readonly type: string;
  readonly state: KeptState | 'delivered';
  readonly receivedAt: number;
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly failure: string | null;
}

/** Which of the kept events: those with these ids, or all that were set aside. */
export type Selection = { readonly eventIds: readonly string[] } | 'all-set-aside';

/** How much the queue may hold: events that wait and events that are set aside. */
export interface QueueLimit {
  readonly events: number;
  /** Of their encrypted bodies and headers. */
  readonly bytes: number;
}

export interface QueueLengths {
  readonly waiting: number;
  readonly setAside: number;
  /** The size of their encrypted bodies and headers, in both states. */
  readonly bytes: number;
  /** Since when the oldest one has been waiting, in milliseconds since the epoch. */
  readonly waitingSince: number | undefined;
}

/** What an operator can do with the stored events that are not delivered yet. */
export interface KeptEvents {
  /** Counts them by state. */
  lengths(): Promise<QueueLengths>;
  /**
   * Lists events: those that are kept, the oldest first; those of one state in all workspaces, the longest there first;
   * delivered ones, the newest first.
   */
  list(filter: EventFilter): Promise<readonly KeptEvent[]>;
  /** Counts the selected events. */
  count(selection: Selection): Promise<number>;
  /**
   * Makes events due now and resets their attempts.
   *
   * @param onProgress called after each step, with how many were changed so far
   * @returns how many
   */
  retry(selection: Selection, onProgress?: (changed: number) => void): Promise<number>;
  /**
   * Discards events. The other parameters and the result are those of {@link retry}.
   *
   * @param onVacuum called when all are discarded, if the database then takes its time to remove what is left of them
   */
  drop(selection: Selection, onProgress?: (changed: number) => void, onVacuum?: () => void): Promise<number>;
  /**
   * Sets aside the events that have been waiting since before one time, and deletes those that were set aside
   * before another. Both are in milliseconds since the epoch, by the database's clock.
   *
   * @param signal aborted if the rest is to be left for the next time
   * @returns how many were set aside
   */
  expire(
    before: { readonly waiting: number; readonly setAside: number },
    signal?: AbortSignal,
  ): Promise<number>;
}

/** The stored events that are not delivered yet. Waits go by the database's clock, which replicas share. */
export interface DeliveryQueue extends KeptEvents {
  /**
   * Claims workspaces whose first event is due, the longest overdue first.
   *
   * @param limit how many at most
   * @param leaseMs how long the lease lasts; every {@link settle} renews it
   */
  claim(limit: number, leaseMs: number): Promise<readonly Claim[]>;
  /**
   * Records the result of an attempt to deliver a claim's event.
   *
   * @returns the claim on the next event of the workspace; undefined if no event waits, if the workspace has to wait, or
   *   if the lease had ended and another replica has it
   */
  settle(claim: Claim, result: AttemptResult, leaseMs: number): Promise<Claim | undefined>;
}
