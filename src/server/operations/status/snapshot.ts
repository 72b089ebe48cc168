import { shellWord } from '../../../environment/formats/shell-quote.ts';
import { within } from '../../../net/time-limit.ts';
import type { KeptEvent, QueueLengths, QueueLimit } from '../../../store/delivery-queue.ts';
import { isFull, usedRatio } from '../../../store/queue-room.ts';
import type { SocketReplica } from '../../../store/socket-replicas.ts';
import type { Store } from '../../../store/store.ts';
import type { UpstreamState } from '../../relay/upstream.ts';
import type { SocketStatus } from '../../socket-mode/socket-mode.ts';

/** What the status page shows besides requests. */
export interface Snapshot {
  /** Why it is not ready; undefined if it is. */
  readonly notReady: string | undefined;
  /** Undefined for a stand-in. */
  readonly upstream: UpstreamStatus | undefined;
  /** Undefined for a stand-in, null if the store fails. */
  readonly queue: QueueStatus | null | undefined;
  /** Undefined without Socket Mode. */
  readonly sockets: SocketStatus | undefined;
  /** Those with Socket Mode that share the store; null if it fails. */
  readonly replicas: readonly SocketReplica[] | null;
}

interface UpstreamStatus extends UpstreamState {
  readonly origin: string;
}

interface QueueStatus {
  readonly waiting: number;
  readonly oldestSeconds: number;
  /** Of the event that has been waiting longest. */
  readonly oldest: Pick<KeptEvent, 'attempts' | 'failure'> | undefined;
  readonly setAside: number;
  /** Of the events in both states. */
  readonly bytes: number;
  readonly limit: QueueLimit;
  readonly usedRatio: number;
  /** Whether new events get 503. */
  readonly isFull: boolean;
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
  /** Undefined for a stand-in. */
  readonly queueLimit: QueueLimit | undefined;
  readonly sockets: () => SocketStatus | undefined;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long the store may take, in milliseconds. */
const storeTimeLimit = 2_000;
const shownDeadLetters = 20;

/** Reads what the status page shows. It never rejects: a store that fails is shown as such. */
export async function takeSnapshot(sources: SnapshotSources): Promise<Snapshot> {
  const { store, whyNotReady, queueLimit, now } = sources;
  const { deliveries, socketReplicas } = store;
  const upstream = sources.upstream();
  const sockets = sources.sockets();
  const reading = <Result>(read: () => Promise<Result>) => within(storeTimeLimit, read()).catch(() => null);
  const [notReady, queue, replicas] = await Promise.all([
    whyNotReady(),
    queueLimit &&
      reading(async () => {
        const lengths = await deliveries.lengths();
        const { waiting, setAside } = lengths;
        const [oldest] = waiting === 0 ? [] : await deliveries.list({ state: 'waiting', limit: 1 });
        const dead =
          setAside === 0 ? [] : await deliveries.list({ state: 'set-aside', limit: shownDeadLetters });
        return {
          ...queueStatus(lengths, queueLimit, now()),
          oldest: oldest && { attempts: oldest.attempts, failure: oldest.failure },
          deadLetters: deadLetters(dead, store.location),
        };
      }),
    sockets ? reading(() => socketReplicas.list()) : [],
  ]);
  return { notReady, upstream, queue, sockets, replicas };
}

function queueStatus(lengths: QueueLengths, limit: QueueLimit, now: number) {
  const { waiting, setAside, bytes, waitingSince } = lengths;
  const oldestSeconds = waitingSince === undefined ? 0 : Math.max(0, Math.round((now - waitingSince) / 1000));
  const used = { bytes, limit, usedRatio: usedRatio(lengths, limit), isFull: isFull(lengths, limit) };
  return { waiting, oldestSeconds, setAside, ...used };
}

function deadLetters(events: readonly KeptEvent[], location: string): readonly DeadLetter[] {
  // The URL of a database is in DATABASE_URL: a location without its password opens nothing.
  const store = location.startsWith('sqlite:') ? ` --store ${shellWord(location)}` : '';
  return events.map(({ eventId, workspace, type, failure }) => ({
    ...{ eventId, workspace, type, failure },
    command: `spacelift-slack serve events retry ${shellWord(eventId)}${store}`,
  }));
}
