import type { Generated } from 'kysely';

/** The tables. Times are milliseconds since the epoch, flags are 0 or 1, `sealed_*` is encrypted. */
export interface Tables {
  events: EventsTable;
  deliveries: DeliveriesTable;
  delivery_attempts: DeliveryAttemptsTable;
  queue_lengths: QueueLengthsTable;
  workspaces: WorkspacesTable;
  installations: InstallationsTable;
  oauth_states: OAuthStatesTable;
  settings: SettingsTable;
  socket_replicas: SocketReplicasTable;
  handled_requests: HandledRequestsTable;
}

interface EventsTable {
  /** The order in which events were stored. */
  seq: Generated<number>;
  event_id: string;
  workspace: string;
  type: string;
  received_at: number;
  sealed_body: Uint8Array;
}

/** The events that are kept for the upstream: one row each until the event is delivered or discarded. */
interface DeliveriesTable {
  /** That of the event. */
  seq: number;
  workspace: string;
  state: 'waiting' | 'set-aside';
  /** Since when it has been in its state. */
  waiting_since: number;
  attempts: number;
  rejections: number;
  failure: string | null;
  sealed_headers: Uint8Array;
  /** The size of its encrypted body and headers. */
  bytes: Generated<number>;
}

/** The last attempts to deliver an event. They are kept as long as the event. */
interface DeliveryAttemptsTable {
  /** That of the event. */
  seq: number;
  /** Counts from 1; from 1 again after a retry or a resend by an operator. */
  number: number;
  at: number;
  /** Null for the one that delivered the event. */
  failure: string | null;
}

/** How many deliveries are in each state, and the bytes of all: the sums of all rows. Triggers write them. */
interface QueueLengthsTable {
  waiting: number;
  set_aside: number;
  bytes: number;
}

/** When the first event of a workspace is due, and which replica may deliver it. */
interface WorkspacesTable {
  workspace: string;
  /** Null while no event waits. */
  due_at: number | null;
  leased_until: number;
  lease: string | null;
  /** No event of the workspace waits that has a lower seq. */
  first_seq: Generated<number>;
}

interface InstallationsTable {
  id: string;
  org_wide: number;
  team_id: string | null;
  team_name: string | null;
  enterprise_id: string | null;
  enterprise_name: string | null;
  app_id: string;
  bot_user_id: string | null;
  scopes: string;
  installed_by: string | null;
  installed_at: number;
  sealed_tokens: Uint8Array;
}

interface OAuthStatesTable {
  state_hash: string;
  browser_hash: string;
  expires_at: number;
}

interface SettingsTable {
  name: string;
  value: Uint8Array;
}

/** The processes that hold Socket Mode connections. */
interface SocketReplicasTable {
  replica: string;
  /** How many it is going to hold. */
  connections: number;
  /** How many it holds. */
  open: number;
  seen_at: number;
}

/** The commands and interactions that a replica has forwarded or is forwarding. */
interface HandledRequestsTable {
  /** A hash of the signature. */
  request: string;
  /** The process that handles it. */
  replica: string;
  leased_until: number;
  expires_at: number;
  /** Null while it is being handled. */
  sealed_response: Uint8Array | null;
}
