import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import { requireYes } from '../../../terminal/prompt.ts';
import { visible } from '../../../text/visible.ts';
import { addSelectionOptions, changeEvents } from './selection.ts';

export function define(command: Command, run: Run): void {
  addSelectionOptions(command)
    .summary('discard events')
    .description('Discards events for good: Spacelift never receives them.')
    .option('--yes', 'discard without asking')
    .action(
      run((context, eventIds, options) =>
        changeEvents(eventIds, options, context, {
          done: 'discarded',
          work: async (queue, selection, onProgress) => {
            // No confirmation for events that do not exist.
            if ((await queue.count(selection)) === 0) return 0;
            const which =
              selection === 'all-set-aside' ? 'all events that are set aside' : eventIds.join(', ');
            if (!options.yes) {
              await requireYes(
                context.terminal,
                `Discard ${visible(which)} for good?`,
                'the events are unchanged',
              );
            }
            return queue.drop(selection, onProgress);
          },
        }),
      ),
    );
}
