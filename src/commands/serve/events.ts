import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import type { DeliveryQueue, KeptEvent, KeptState, Selection } from '../../store/delivery-queue.ts';
import { penFor } from '../../terminal/colour.ts';
import { requireYes } from '../../terminal/prompt.ts';
import { visible } from '../../text/visible.ts';
import { UserError } from '../../user-error.ts';
import { envFileOption } from '../options/env-file.ts';
import { openChosenStore, storeDescription } from './store-option.ts';

interface StoreFlags {
  readonly store?: string | undefined;
  readonly envFile?: string | undefined;
}

const storeOption = ['--store <store>', storeDescription] as const;

/** Adds `serve events list|retry|drop`. */
export function defineEvents(command: Command, run: Run): void {
  command
    .summary('show and move the events that a relay keeps')
    .description('Shows and moves the events that a relay keeps until Spacelift has them.')
    .addHelpText(
      'after',
      `
Examples:
  spacelift-slack serve events list --state set-aside
  spacelift-slack serve events retry Ev08ABCDEF
  spacelift-slack serve events drop --all-set-aside --yes`,
    );

  command
    .command('list')
    .summary('list them, the oldest first')
    .description('Lists the events that wait for Spacelift and those that were set aside, the oldest first.')
    .option(...storeOption)
    .addOption(envFileOption())
    .addOption(new Option('--state <state>', 'only those').choices(['waiting', 'set-aside'] as const))
    .option('--limit <count>', 'at most so many', parseCount, 100)
    .addOption(
      new Option('--format <format>', 'how to print them')
        .choices(['text', 'json'] as const)
        .default('text' as const),
    )
    .action((flags) => run((context) => list(flags, context)));

  command
    .command('retry')
    .summary('deliver some at once, as if they had never been tried')
    .description(
      'Makes events due at once, as if they had never been tried; those that were set aside come back.',
    )
    .argument('[event-ids...]', 'which; Slack calls them event_id')
    .option('--all-set-aside', 'all that were set aside')
    .option(...storeOption)
    .addOption(envFileOption())
    .action((eventIds, flags) =>
      run((context) =>
        change(eventIds, flags, context, async (queue, selection) => ({
          count: await queue.retry(selection),
          done: 'due again; a relay that runs delivers them',
        })),
      ),
    );

  command
    .command('drop')
    .summary('give some up for good')
    .description('Gives events up for good: Spacelift will never have them.')
    .argument('[event-ids...]', 'which; Slack calls them event_id')
    .option('--all-set-aside', 'all that were set aside')
    .option('--yes', 'do not ask')
    .option(...storeOption)
    .addOption(envFileOption())
    .action((eventIds, flags) =>
      run((context) =>
        change(eventIds, flags, context, async (queue, selection) => {
          // Nobody need be asked about what is not there.
          if ((await queue.count(selection)) === 0) return { count: 0, done: 'given up' };
          const which = selection === 'all-set-aside' ? 'all that were set aside' : eventIds.join(', ');
          if (!flags.yes) {
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

async function list(
  flags: StoreFlags & { state?: KeptState | undefined; limit: number; format: 'text' | 'json' },
  context: Context,
): Promise<ExitCode> {
  const { terminal } = context;
  const events = await withQueue(flags, context, (queue) =>
    queue.list({ state: flags.state, limit: flags.limit + 1 }),
  );
  const shown = events.slice(0, flags.limit);
  if (flags.format === 'json') {
    const time = (event: KeptEvent) => new Date(event.receivedAt).toISOString();
    const printed = shown.map((event) => ({ ...event, receivedAt: time(event) }));
    terminal.result(JSON.stringify({ events: printed, more: events.length > shown.length }, null, 2));
    return ExitCode.done;
  }
  const pen = penFor(terminal, 'stdout');
  for (const event of shown) {
    const colour = event.state === 'set-aside' ? pen.red : pen.yellow;
    const tries = `${event.tries} ${event.tries === 1 ? 'try' : 'tries'}`;
    const cells = [
      new Date(event.receivedAt).toISOString(),
      event.eventId.padEnd(14),
      event.workspace.padEnd(12),
      event.type.padEnd(18),
      colour(event.state.padEnd(9)),
      tries,
      // It may quote what the upstream said.
      visible(event.failure ?? ''),
    ];
    terminal.result(cells.join('  ').trimEnd());
  }
  if (shown.length === 0) {
    terminal.note(flags.state === undefined ? 'No events are kept.' : `No events are ${flags.state}.`);
  }
  if (events.length > shown.length) terminal.note(`There are more than ${flags.limit}: see --limit.`);
  return ExitCode.done;
}

interface Change {
  readonly count: number;
  readonly done: string;
}

async function change(
  eventIds: readonly string[],
  flags: StoreFlags & { allSetAside?: true | undefined },
  context: Context,
  work: (queue: DeliveryQueue, selection: Selection) => Promise<Change>,
): Promise<ExitCode> {
  if (eventIds.length > 0 === (flags.allSetAside === true)) {
    throw new UserError('events-missing', 'which events?', {
      hint: 'Give their ids, as serve events list shows them, or --all-set-aside, and not both.',
      exitCode: 2,
    });
  }
  const selection = flags.allSetAside ? 'all-set-aside' : { eventIds };
  const changed = await withQueue(flags, context, (queue) => work(queue, selection));
  const { terminal } = context;
  if (changed.count < eventIds.length) {
    const missing = eventIds.length - changed.count;
    const which =
      changed.count === 0
        ? visible(eventIds.join(', '))
        : `${missing} of ${eventIds.length}; the others are ${changed.done}`;
    throw new UserError('event-unknown', `not kept here: ${which}`, {
      hint: 'They may have been delivered: serve events list shows what is left.',
      exitCode: 2,
    });
  }
  terminal.result(`${changed.count} ${changed.count === 1 ? 'event' : 'events'} ${changed.done}`);
  return ExitCode.done;
}

async function withQueue<Result>(
  flags: StoreFlags,
  context: Context,
  work: (queue: DeliveryQueue) => Promise<Result>,
): Promise<Result> {
  const settings = await context.settings(flags.envFile);
  const warn = (line: string) => context.terminal.warn(line);
  const store = await openChosenStore(
    { option: flags.store, settings, keepsTokens: false, mustExist: true, warn },
    context,
  );
  try {
    return await work(store.deliveries);
  } finally {
    await store.close();
  }
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= 10_000) return count;
  throw new InvalidArgumentError('Give a number from 1 to 10000.');
}
