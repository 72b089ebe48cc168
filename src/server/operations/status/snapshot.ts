import { shellWord } from '../../../environment/formats/shell-quote.ts';
import { within } from '../../../net/time-limit.ts';
import type { KeptEvent, QueueLengths } from '../../../store/delivery-queue.ts';
import type { SocketReplica } from '../../../store/socket-replicas.ts';
import type { Store } from '../../../store/store.ts';
import type { SocketStatus } from '../../socket-mode/socket-mode.ts';

/** What the status page shows besides requests. */
export interface Snapshot {
  /** Why it is not ready; undefined if it is. */
  readonly notReady: string | undefined;
  /** Undefined for a stand-in. */
  readonly upstream: { readonly origin: string; readonly isCircuitOpen: boolean } | undefined;
  /** Undefined for a stand-in, null if the store fails. */
  readonly queue: QueueStatus | null | undefined;
  /** Undefined without Socket Mode. */
  readonly sockets: SocketStatus | undefined;
  /** Those with Socket Mode that share the store; null if it fails. */
  readonly replicas: readonly SocketReplica[] | null;
}

interface QueueStatus {
  readonly waiting: number;
  readonly oldestSeconds: number;
  readonly setAside: number;
  readonly deadLetters: readonly DeadLetter[];
}

interface DeadLetter extends Pick<KeptEvent, 'eventId' | 'workspace' | 'type' | 'failure'> {
  /** The command that retries it. */
  readonly command: string;
}

export interface SnapshotSources {
  readonly store: Pick<Store, 'deliveries' | 'socketReplicas' | 'location'>;
  readonly whyNotReady: () => Promise<string | undefined>;
  readonly upstream: () => Snapshot['upstream'];
  readonly sockets: () => SocketStatus | undefined;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long the store may take, in milliseconds. */
const storeTimeLimit = 2_000;
const shownDeadLetters = 20;

/** Reads what the status page shows. It never rejects: a store that fails is shown as such. */
export async function takeSnapshot(sources: SnapshotSources): Promise<Snapshot> {
  const { store, whyNotReady, now } = sources;
  const { deliveries, socketReplicas } = store;
  const upstream = sources.upstream();
  const sockets = sources.sockets();
  const reading = <Result>(read: () => Promise<Result>) => within(storeTimeLimit, read()).catch(() => null);
  const [notReady, queue, replicas] = await Promise.all([
    whyNotReady(),
    upstream &&
      reading(async () => {
        const lengths = await deliveries.lengths();
        const events =
          lengths.setAside === 0
            ? []
            : await deliveries.list({ state: 'set-aside', limit: shownDeadLetters });
        return queueStatus(lengths, events, store.location, now());
      }),
    sockets ? reading(() => socketReplicas.list()) : [],
  ]);
  return { notReady, upstream, queue, sockets, replicas };
}

function queueStatus(
  { waiting, setAside, waitingSince }: QueueLengths,
  events: readonly KeptEvent[],
  location: string,
  now: number,
): QueueStatus {
  const oldestSeconds = waitingSince === undefined ? 0 : Math.max(0, Math.round((now - waitingSince) / 1000));
  // The URL of a database is in DATABASE_URL: a location without its password opens nothing.
  const store = location.startsWith('sqlite:') ? ` --store ${shellWord(location)}` : '';
  const deadLetters = events.map(({ eventId, workspace, type, failure }) => ({
    ...{ eventId, workspace, type, failure },
    command: `spacelift-slack serve events retry ${shellWord(eventId)}${store}`,
  }));
  return { waiting, oldestSeconds, setAside, deadLetters };
}
