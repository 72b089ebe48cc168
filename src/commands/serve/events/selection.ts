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
  readonly count: number;
  readonly done: string;
}

/**
 * Changes the selected events and prints how many there were.
 *
 * @throws UserError `events-missing` or `event-unknown`
 */
export async function changeEvents(
  eventIds: readonly string[],
  options: OptionsOf<typeof addSelectionOptions>,
  context: Context,
  work: (queue: DeliveryQueue, selection: Selection) => Promise<Change>,
): Promise<ExitCode> {
  if (eventIds.length > 0 === (options.allSetAside === true)) {
    throw new UserError('events-missing', 'no events were selected', {
      hint: 'Pass event ids, as serve events list prints them, or --all-set-aside, not both.',
      exitCode: 2,
    });
  }
  const selection = options.allSetAside ? 'all-set-aside' : { eventIds };
  const changed = await withExistingStore(options, context, ({ deliveries }) => work(deliveries, selection));
  const { terminal } = context;
  if (changed.count < eventIds.length) {
    const missing = eventIds.length - changed.count;
    const which =
      changed.count === 0
        ? visible(eventIds.join(', '))
        : `${missing} of ${eventIds.length}; the others are ${changed.done}`;
    throw new UserError('event-unknown', `unknown events: ${which}`, {
      hint: 'Run serve events list: they may have been delivered.',
      exitCode: 2,
    });
  }
  terminal.result(`${changed.count} ${changed.count === 1 ? 'event' : 'events'} ${changed.done}`);
  return ExitCode.done;
}
