import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import { requireYes } from '../../../terminal/prompt.ts';
import { visible } from '../../../text/visible.ts';
import { addSelectionOptions, changeEvents } from './selection.ts';

export function define(command: Command, run: Run): void {
  addSelectionOptions(command)
    .summary('discard events')
    .description(
      'Discards events: Spacelift does not receive them. Until 48 h after an event arrived, serve events resend queues it again.',
    )
    .option('--yes', 'discard without asking')
    .action(
      run((context, eventIds, options) =>
        changeEvents(eventIds, options, context, {
          done: 'discarded',
          work: async (queue, selection, { onProgress, onVacuum }) => {
            const count = await queue.count(selection);
            // No confirmation for events that do not exist.
            if (count === 0) return 0;
            if (!options.yes) {
              const which =
                selection === 'all-set-aside'
                  ? `the ${count === 1 ? 'event that is' : `${count} events that are`} set aside`
                  : visible(selection.eventIds.join(', '));
              await requireYes(
                context.terminal,
                `Discard ${which}? Only serve events resend gets an event back, until 48 h after it arrived.`,
                'the events are unchanged',
              );
            }
            return queue.drop(selection, onProgress, onVacuum);
          },
        }),
      ),
    );
}
