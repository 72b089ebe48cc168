import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import type { DeliveryQueue, Selection } from '../../../store/delivery-queue.ts';
import { visible } from '../../../text/visible.ts';
import { UserError } from '../../../user-error.ts';
import { envFileOption } from '../../options/env-file.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';

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
  work(queue: DeliveryQueue, selection: Selection, onProgress: (changed: number) => void): Promise<number>;
}

/** After how many events the progress is shown again. */
const progressStep = 50_000;

/**
 * Changes the selected events and prints how many there were.
 *
 * @throws UserError `events-missing`, `event-unknown`, or `events-unfinished` if the store fails after a part of them
 */
export async function changeEvents(
  eventIds: readonly string[],
  options: OptionsOf<typeof addSelectionOptions>,
  context: Context,
  { done, work }: Change,
): Promise<ExitCode> {
  if (eventIds.length > 0 === (options.allSetAside === true)) {
    throw new UserError('events-missing', 'no events were selected', {
      hint: 'Pass event ids, as serve events list prints them, or --all-set-aside, not both.',
      exitCode: 2,
    });
  }
  const selection = options.allSetAside ? 'all-set-aside' : { eventIds };
  const { terminal } = context;
  let soFar = 0;
  let reported = 0;
  const onProgress = (changed: number) => {
    soFar = changed;
    if (changed < reported + progressStep) return;
    reported = changed;
    terminal.note(`${changed} events ${done} so far`);
  };
  const count = await withExistingStore(options, context, ({ deliveries }) =>
    work(deliveries, selection, onProgress).catch((cause: unknown) => {
      if (cause instanceof UserError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UserError('events-unfinished', `the store failed: ${why}; ${soFar} events are ${done}`, {
        hint: 'Run the command again for the rest.',
        exitCode: 3,
        cause,
      });
    }),
  );
  if (count < eventIds.length) {
    const missing = eventIds.length - count;
    const which =
      count === 0 ? visible(eventIds.join(', ')) : `${missing} of ${eventIds.length}; the others are ${done}`;
    throw new UserError('event-unknown', `unknown events: ${which}`, {
      hint: 'Run serve events list: they may have been delivered.',
      exitCode: 2,
    });
  }
  terminal.result(`${count} ${count === 1 ? 'event' : 'events'} ${done}`);
  return ExitCode.done;
}
