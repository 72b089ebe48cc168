import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import { slackUserAgent } from '../../../slack/user-agent.ts';
import type { ResendResult } from '../../../store/stored-events.ts';
import { visible } from '../../../text/visible.ts';
import { envFileOption } from '../../options/env-file.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';
import { refusal, unknownEvents } from './refused.ts';

/** What Slack sends events with. The relay adds its signature when it delivers the event. */
const headers = { 'content-type': 'application/json', 'user-agent': slackUserAgent, accept: '*/*' };

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('deliver events once more')
    .description(
      'Queues delivered or discarded events once more, with a new signature. Spacelift gets them with the same event_id. Such events are kept until 48 h after they arrived.',
    )
    .action(run((context, eventIds, options) => resend(context, eventIds, options)));
}

function addOptions(command: Command) {
  return command
    .argument('<event-ids...>', 'ids of events (event_id)')
    .addOption(storeOption())
    .addOption(envFileOption());
}

async function resend(
  context: Context,
  eventIds: readonly string[],
  options: OptionsOf<typeof addOptions>,
): Promise<ExitCode> {
  const results = new Map<string, ResendResult>();
  await withExistingStore(options, context, async ({ events }) => {
    for (const eventId of new Set(eventIds)) results.set(eventId, await events.resend(eventId, headers));
  });
  const of = (wanted: ResendResult) =>
    [...results].filter(([, result]) => result === wanted).map(([id]) => id);
  const resent = of('resent').length;
  if (resent > 0) {
    context.terminal.result(
      `${resent} ${resent === 1 ? 'event' : 'events'} queued again; a running relay delivers them`,
    );
  }
  const [queued, unknown] = [of('queued'), of('unknown')];
  const [refused, ...others] = [
    ...(unknown.length === 0 ? [] : [unknownEvents(unknown)]),
    ...(queued.length === 0 ? [] : [notDeliveredYet(queued)]),
  ];
  if (refused) throw refusal(refused, ...others);
  return ExitCode.done;
}

function notDeliveredYet(eventIds: readonly string[]) {
  return {
    code: 'event-queued',
    message: `not delivered yet: ${visible(eventIds.join(', '))}`,
    hint: 'Run serve events retry, which makes them due now.',
  };
}
