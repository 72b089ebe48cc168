import type { DeliveryHeaders, DeliveryQueue, QueueLimit } from './delivery-queue.ts';
import type { HandledRequests } from './handled-requests.ts';
import type { EndedInstallation, Installations } from './installations.ts';
import type { RotationCounts } from './key-rotation.ts';
import type { OAuthStates } from './oauth-states.ts';
import type { SocketReplicas } from './socket-replicas.ts';
import type { StoredEvents } from './stored-events.ts';

/** An event as Slack sent it. Its signature has been verified. */
export interface ReceivedEvent {
  /** Slack's `event_id`. It is unique in the store. */
  readonly eventId: string;
  /** The id of the workspace or organisation that it belongs to; empty if Slack named neither. */
  readonly workspace: string;
  /** The inner event's type, such as `app_uninstalled`. */
  readonly type: string;
  /** The raw body of the request. Encrypted at rest, since it contains Slack's verification token. */
  readonly body: Uint8Array;
  /** The headers to forward it with. With them it is queued in the same commit; without them it is not forwarded. */
  readonly delivery?: DeliveryHeaders;
  /** The event is not stored if the queue would hold more with it. Without it the queue has no limit. */
  readonly queueLimit?: QueueLimit;
  /** The installation that this event ends. It is deleted in the same commit, if the event is new. */
  readonly ends?: EndedInstallation;
}

/** `stored`: the event is on disk. `known`: it was before. `queue-full`: it is not. */
export type RecordResult = 'stored' | 'known' | 'queue-full';

/**
 * What `serve` stores. A write is on disk when its promise resolves. Any method may reject while the database cannot be
 * reached or written to, and works again once it can.
 */
export interface Store {
  /** Where it is, without secrets: for messages and the log. */
  readonly location: string;
  /** What the operator should know about the connection to it. */
  readonly warning: string | undefined;
  /** The stored events that are to be forwarded. */
  readonly deliveries: DeliveryQueue;
  /** All stored events, the delivered ones included. */
  readonly events: StoredEvents;
  readonly installations: Installations;
  readonly oauthStates: OAuthStates;
  readonly socketReplicas: SocketReplicas;
  /** Undefined if replicas cannot share the store. */
  readonly handledRequests: HandledRequests | undefined;

  /**
   * Stores an event, queues it, and deletes what it ends. Events that arrive together share a commit.
   *
   * @param timeLimit how long somebody waits for the result, in milliseconds
   * @throws NotInTime if the event would be stored later than that: it is not stored
   */
  recordEvent(event: ReceivedEvent, timeLimit?: number): Promise<RecordResult>;

  /** Whether the store is still encrypted with the key that is being replaced. */
  readonly usesPreviousKey: boolean;
  /**
   * Encrypts everything with the current key, while the previous one still opens it.
   *
   * @param onProgress called after each step
   * @throws UserError `previous-key-missing`
   */
  rotateKey(onProgress: (counts: Readonly<RotationCounts>) => void): Promise<RotationCounts>;

  /** Whether replicas can share the database, so that its clock is another one than this process has. */
  readonly isShared: boolean;
  /** Resolves if an event could be stored now: writes one, and deletes it. */
  check(): Promise<void>;
  /** @returns the time by the database's clock, which all expiry goes by, in milliseconds since the epoch */
  readClock(): Promise<number>;
  /**
   * Deletes the events that were received before a time, except those that are still to be forwarded, the workspaces
   * in which no event waits, and the OAuth states and handled requests that have expired. Both times are in
   * milliseconds since the epoch, by the database's clock.
   *
   * @param signal aborted if the rest is to be left for the next time
   */
  prune(times: { readonly eventsBefore: number; readonly now: number }, signal?: AbortSignal): Promise<void>;
  /** Waits for pending writes, and closes the database. */
  close(): Promise<void>;
}
