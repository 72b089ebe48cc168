import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import { addSelectionOptions, changeEvents } from './selection.ts';

export function define(command: Command, run: Run): void {
  addSelectionOptions(command)
    .summary('deliver some at once, as if they had never been tried')
    .description(
      'Makes events due at once, as if they had never been tried; those that were set aside come back.',
    )
    .action(
      run((context, eventIds, options) =>
        changeEvents(eventIds, options, context, async (queue, selection) => ({
          count: await queue.retry(selection),
          done: 'due again; a relay that runs delivers them',
        })),
      ),
    );
}
