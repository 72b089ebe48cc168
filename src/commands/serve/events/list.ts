import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import type { KeptEvent } from '../../../store/delivery-queue.ts';
import { penFor } from '../../../terminal/colour.ts';
import { visible } from '../../../text/visible.ts';
import { envFileOption } from '../../options/env-file.ts';
import { textOrJsonOption } from '../../options/format.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('list the events')
    .description(
      'Lists the events that wait for Spacelift and those set aside (dead letters), the oldest first; or, with --state delivered, those that were delivered, until 48 h after they arrived, the newest first.',
    )
    .action(run(list));
}

function addOptions(command: Command) {
  return command
    .addOption(storeOption())
    .addOption(envFileOption())
    .addOption(
      new Option('--state <state>', 'only events in this state').choices([
        'waiting',
        'set-aside',
        'delivered',
      ] as const),
    )
    .option('--type <type>', 'only events of this type, such as app_uninstalled')
    .option('--workspace <id>', 'only events of this workspace, such as T0123456789')
    .option('--limit <count>', 'at most this many', parseCount, 100)
    .addOption(textOrJsonOption('the output format'));
}

async function list(context: Context, options: OptionsOf<typeof addOptions>): Promise<ExitCode> {
  const { terminal } = context;
  const { state, type, workspace, limit, format } = options;
  const events = await withExistingStore(options, context, ({ deliveries }) =>
    deliveries.list({ state, type, workspace, limit: limit + 1 }),
  );
  const shown = events.slice(0, limit);
  if (format === 'json') {
    const time = (event: KeptEvent) => new Date(event.receivedAt).toISOString();
    const printed = shown.map((event) => ({ ...event, receivedAt: time(event) }));
    terminal.result(JSON.stringify({ events: printed, more: events.length > shown.length }, null, 2));
    return ExitCode.done;
  }
  const pen = await penFor(terminal, 'stdout');
  for (const event of shown) {
    const colour = { waiting: pen.yellow, 'set-aside': pen.red, delivered: pen.green }[event.state];
    const attempts = `${event.attempts} ${event.attempts === 1 ? 'attempt' : 'attempts'}`;
    const cells = [
      new Date(event.receivedAt).toISOString(),
      visible(event.eventId).padEnd(14),
      visible(event.workspace).padEnd(12),
      visible(event.type).padEnd(18),
      colour(event.state.padEnd(9)),
      attempts,
      visible(event.failure ?? ''),
    ];
    terminal.report(cells.join('  ').trimEnd());
  }
  if (shown.length === 0) {
    const isFiltered = type !== undefined || workspace !== undefined;
    terminal.note(
      isFiltered
        ? 'No such events.'
        : state === undefined
          ? 'No events are kept.'
          : `No events are ${state}.`,
    );
  }
  if (events.length > shown.length) terminal.note(`There are more than ${limit}: pass a higher --limit.`);
  return ExitCode.done;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= 10_000) return count;
  throw new InvalidArgumentError('Pass a number from 1 to 10000.');
}
