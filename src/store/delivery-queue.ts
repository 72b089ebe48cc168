/** The headers that an event is passed on with, by name; the signature that Slack made among them. */
export type DeliveryHeaders = Readonly<Record<string, string>>;

/** An event on its way to the upstream. */
export interface Delivery {
  /** Grows with every event: the order of arrival. */
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  /** The request's body to the byte. */
  readonly body: Uint8Array;
  readonly headers: DeliveryHeaders;
  /** How often it has been tried, and how many of these tries the upstream answered with 4xx. */
  readonly tries: number;
  readonly refusals: number;
}

/**
 * The right to deliver the events of one workspace, for as long as the lease lasts. Nobody else has it meanwhile, so
 * that they arrive in order; one whose holder has died is free again when the lease ends.
 */
export interface Claim {
  readonly workspace: string;
  readonly lease: string;
  /** The oldest event that waits there. */
  readonly delivery: Delivery;
}

/**
 * The longest that an event may have to wait for its next try, in milliseconds. Short, since those behind it wait too.
 * What seems to wait longer was told so by a clock that has been put back since.
 */
export const longestWait = 10_000;

/** What became of a try. */
export type AttemptResult =
  | { readonly kind: 'delivered' }
  /** It stays the first in its workspace, and is tried again after so many milliseconds, {@link longestWait} at most. */
  | {
      readonly kind: 'retry';
      readonly afterMs: number;
      readonly failure: string;
      /** The upstream answered with 4xx. */
      readonly refused: boolean;
    }
  /** It makes way for the ones behind it, and waits for an operator. */
  | { readonly kind: 'set-aside'; readonly failure: string }
  /** There was no try. */
  | { readonly kind: 'not-attempted'; readonly afterMs: number };

export type KeptState = 'waiting' | 'set-aside';

/** What an operator sees of an event that is kept. */
export interface KeptEvent {
  readonly eventId: string;
  readonly workspace: string;
  readonly type: string;
  readonly state: KeptState;
  readonly receivedAt: number;
  readonly tries: number;
  /** What the last try failed with. */
  readonly failure: string | null;
}

/** Which of the kept events: those with these ids, or all that are set aside. */
export type Selection = { readonly eventIds: readonly string[] } | 'all-set-aside';

export interface QueueLengths {
  readonly waiting: number;
  readonly setAside: number;
  /** Since when the oldest of them waits, in milliseconds since the epoch. */
  readonly waitingSince: number | undefined;
}

/** The events that are stored and not delivered yet. All waiting is by the database's clock, which replicas share. */
export interface DeliveryQueue {
  /**
   * Claims workspaces whose first event is due, those that have been so for longest first.
   *
   * @param limit how many at most
   * @param leaseMs how long the claim holds; every {@link settle} begins it anew
   */
  claim(limit: number, leaseMs: number): Promise<readonly Claim[]>;
  /**
   * Notes what became of a claim's event.
   *
   * @returns the claim on the next event of the workspace; nothing where none waits, where the workspace has to wait,
   *   or where the lease had ended and is another's now
   */
  settle(claim: Claim, result: AttemptResult, leaseMs: number): Promise<Claim | undefined>;

  lengths(): Promise<QueueLengths>;
  /** The oldest first. */
  list(filter: {
    readonly state?: KeptState | undefined;
    readonly limit: number;
  }): Promise<readonly KeptEvent[]>;
  /** How many there are. */
  count(selection: Selection): Promise<number>;
  /** Makes events due now, as if they had never been tried. @returns how many */
  retry(selection: Selection): Promise<number>;
  /** Gives events up. @returns how many */
  drop(selection: Selection): Promise<number>;
  /**
   * Sets aside what has been waiting since before a time, and forgets what has been set aside and waiting since before
   * another.
   *
   * @returns how many were set aside
   */
  expire(before: { readonly waiting: number; readonly setAside: number }): Promise<number>;
}
