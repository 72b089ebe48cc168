import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import type { DeliveryQueue, Selection } from '../../../store/delivery-queue.ts';
import type { StoredEvents } from '../../../store/stored-events.ts';
import { visible } from '../../../text/visible.ts';
import { UserError } from '../../../user-error.ts';
import { envFileOption } from '../../options/env-file.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';
import { refusal, unknownEvents } from './refused.ts';

/** Adds the argument and the options that say which events a subcommand changes. */
export function addSelectionOptions(command: Command) {
  return command
    .argument('[event-ids...]', 'ids of events (event_id)')
    .option('--all-set-aside', 'all events that are set aside')
    .addOption(storeOption())
    .addOption(envFileOption());
}

interface Change {
  /** What the events are afterwards, such as `discarded`. */
  readonly done: string;
  /** @returns how many events were changed */
  work(queue: DeliveryQueue, selection: Selection, progress: Progress): Promise<number>;
}

interface Progress {
  onProgress(changed: number): void;
  /** The events are changed, and the database removes what they have left behind. */
  onVacuum(): void;
}

/** After how many events the progress is shown again. */
const progressStep = 50_000;

/**
 * Changes the selected events and prints how many there were.
 *
 * @throws UserError `usage-conflicting-option`, `events-missing`, `event-unknown`, `event-not-queued`, or `events-unfinished` if the store fails
 *   after a part of them
 */
export async function changeEvents(
  eventIds: readonly string[],
  options: OptionsOf<typeof addSelectionOptions>,
  context: Context,
  { done, work }: Change,
): Promise<ExitCode> {
  if (eventIds.length > 0 && options.allSetAside) {
    throw new UserError('usage-conflicting-option', 'event ids and --all-set-aside exclude each other', {
      hint: 'Pass one of them.',
      exitCode: 2,
    });
  }
  if (eventIds.length === 0 && !options.allSetAside) {
    throw new UserError('events-missing', 'no events were selected', {
      hint: 'Pass event ids, as serve events list prints them, or --all-set-aside.',
      exitCode: 2,
    });
  }
  const { terminal } = context;
  let soFar = 0;
  let reported = 0;
  const progress: Progress = {
    onProgress: (changed) => {
      soFar = changed;
      if (changed < reported + progressStep) return;
      reported = changed;
      terminal.note(`${changed} events ${done} so far`);
    },
    onVacuum: () => terminal.note(`${soFar} events ${done}; vacuuming their table`),
  };
  const { queued, left, count } = await withExistingStore(
    options,
    context,
    async ({ deliveries, events }) => {
      const named = await sortByState(eventIds, events);
      if (!options.allSetAside && named.queued.length === 0) return { ...named, count: 0 };
      const selection = options.allSetAside ? 'all-set-aside' : { eventIds: named.queued };
      const changed = await work(deliveries, selection, progress).catch((cause: unknown) => {
        if (cause instanceof UserError) throw cause;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new UserError('events-unfinished', `the store failed: ${why}; ${soFar} events are ${done}`, {
          hint: 'Run the command again for the rest.',
          exitCode: 3,
          cause,
        });
      });
      return { ...named, count: changed };
    },
  );
  if (count > 0 || left.length === 0) {
    terminal.result(`${count} ${count === 1 ? 'event' : 'events'} ${done}`);
  }
  const [refused, ...others] = count < queued.length ? [...left, beingDelivered(queued, count)] : left;
  if (refused) throw refusal(refused, ...others);
  return ExitCode.done;
}

/** Separates the named events that are in the queue from the others. */
async function sortByState(eventIds: readonly string[], events: StoredEvents) {
  const queued: string[] = [];
  const gone: string[] = [];
  const unknown: string[] = [];
  for (const eventId of new Set(eventIds)) {
    const event = await events.find(eventId);
    if (!event) unknown.push(eventId);
    else if (event.state === 'waiting' || event.state === 'set-aside') queued.push(eventId);
    else gone.push(`${eventId} (${event.state})`);
  }
  const left = [
    ...(unknown.length === 0 ? [] : [unknownEvents(unknown)]),
    ...(gone.length === 0 ? [] : [noLongerQueued(gone)]),
  ];
  return { queued, left };
}

function noLongerQueued(events: readonly string[]) {
  return {
    code: 'event-not-queued',
    message: `no longer in the queue: ${visible(events.join(', '))}`,
    hint: 'To deliver such an event once more, run serve events resend.',
  };
}

/** A relay holds an event while it delivers it. */
function beingDelivered(eventIds: readonly string[], changed: number) {
  return {
    code: 'event-not-queued',
    message: `unchanged, because a relay was delivering them: ${eventIds.length - changed} of ${visible(eventIds.join(', '))}`,
    hint: 'Run serve events show for each.',
  };
}
