import type { DeliveryHeaders, DeliveryQueue } from './delivery-queue.ts';
import type { SocketReplicas } from './socket-replicas.ts';

/** An event as Slack sent it, once its signature was checked. */
export interface ReceivedEvent {
  /** Slack's `event_id`; the same one is never stored twice. */
  readonly eventId: string;
  /** The team, or the enterprise, that it belongs to; empty where Slack named neither. */
  readonly workspace: string;
  /** The inner event's type, such as `app_uninstalled`. */
  readonly type: string;
  /** The request's body to the byte. It is encrypted at rest, since it carries Slack's verification token. */
  readonly body: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** Where it is to be passed on: the headers that go with it. It is queued in the same commit. */
  readonly delivery?: DeliveryHeaders;
  /** What this event takes away. It goes in the same commit, and only when the event is new. */
  readonly removes?: RemovedInstallation;
}

/**
 * Which installation is gone. Without `orgWide` Slack did not say of which kind it was: then the team's own goes,
 * and where the team has none, the enterprise's.
 */
export interface RemovedInstallation {
  readonly teamId?: string;
  readonly enterpriseId?: string;
  readonly orgWide?: boolean;
  /** When it ended, in milliseconds since the epoch: one that was installed later stays. Without it, any goes. */
  readonly endedAt?: number;
}

/** An app installed in a workspace or, org-wide, in an enterprise. */
export interface Installation {
  /** The team's id or, for an org-wide installation, the enterprise's. */
  readonly id: string;
  readonly orgWide: boolean;
  readonly teamId: string | null;
  readonly teamName: string | null;
  readonly enterpriseId: string | null;
  readonly enterpriseName: string | null;
  readonly appId: string;
  readonly botUserId: string | null;
  readonly scopes: string;
  /** The Slack user who installed it. */
  readonly installedBy: string | null;
  /** Milliseconds since the epoch. */
  readonly installedAt: number;
  /** Encrypted at rest. */
  readonly tokens: BotTokens;
}

/** An installation without what is secret. */
export type InstallationSummary = Omit<Installation, 'tokens'>;

interface BotTokens {
  readonly bot: string;
  /** Only where the app rotates its tokens. */
  readonly refresh?: string;
  /** When the bot token ends, in milliseconds since the epoch; only where the app rotates its tokens. */
  readonly expiresAt?: number;
}

/** An installation that has begun: what the browser must bring back. Both values are kept as hashes alone. */
export interface OAuthState {
  readonly stateHash: string;
  readonly browserHash: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * What `serve` keeps. Every write is on disk when its promise resolves; any method may reject when the store cannot
 * be reached or cannot write, and works again by itself once it can.
 */
export interface Store {
  /** Where it is, as an operator may be shown it. */
  readonly place: string;
  /** The events that are stored and still have to be passed on. */
  readonly deliveries: DeliveryQueue;
  readonly socketReplicas: SocketReplicas;

  /** Stores an event and applies what it removes. Events that arrive together share a commit. */
  recordEvent(event: ReceivedEvent): Promise<'stored' | 'known'>;

  saveOAuthState(state: OAuthState): Promise<void>;
  /** Takes a state out, so that it serves once, whichever replica asks. */
  takeOAuthState(stateHash: string): Promise<OAuthState | undefined>;

  /** Puts an installation in the place of an earlier one of the same id. */
  saveInstallation(installation: Installation): Promise<void>;
  findInstallation(id: string): Promise<Installation | undefined>;
  /** All of them, without their tokens, in the order of their ids. */
  listInstallations(): Promise<readonly InstallationSummary[]>;
  /** @returns false if there was none */
  deleteInstallation(id: string): Promise<boolean>;

  /** Resolves when the store answers, and is one that can be written to. */
  check(): Promise<void>;
  /** Forgets the events received before a time, but for those that still have to be passed on, and the OAuth states that ended before now. Both in milliseconds. */
  prune(times: { readonly eventsBefore: number; readonly now: number }): Promise<void>;
  /** Waits for what is being written and lets go of the database. */
  close(): Promise<void>;
}
