import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../../cli/command.ts';
import { addSelectionOptions, changeEvents } from './selection.ts';

export function define(command: Command, run: Run): void {
  addSelectionOptions(command)
    .summary('retry events now')
    .description('Makes events due now and resets their attempts, those set aside (dead letters) included.')
    .action(
      run((context, eventIds, options) =>
        changeEvents(eventIds, options, context, {
          done: 'due again; a running relay delivers them',
          work: (queue, selection, { onProgress }) => queue.retry(selection, onProgress),
        }),
      ),
    );
}
