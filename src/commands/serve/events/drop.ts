import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import { requireYes } from '../../../terminal/prompt.ts';
import { visible } from '../../../text/visible.ts';
import { addSelectionOptions, changeEvents } from './selection.ts';

export function define(command: Command, run: Run): void {
  addSelectionOptions(command)
    .summary('give some up for good')
    .description('Gives events up for good: Spacelift will never have them.')
    .option('--yes', 'do not ask')
    .action(
      run((context, eventIds, options) =>
        changeEvents(eventIds, options, context, async (queue, selection) => {
          // Nobody need be asked about what is not there.
          if ((await queue.count(selection)) === 0) return { count: 0, done: 'given up' };
          const which = selection === 'all-set-aside' ? 'all that were set aside' : eventIds.join(', ');
          if (!options.yes) {
            await requireYes(
              context.terminal,
              `Give up ${visible(which)} for good?`,
              'the events are kept as they were',
            );
          }
          return { count: await queue.drop(selection), done: 'given up' };
        }),
      ),
    );
}
