import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import type { StoredEvent } from '../../../store/stored-events.ts';
import { visible } from '../../../text/visible.ts';
import { envFileOption } from '../../options/env-file.ts';
import { textOrJsonOption } from '../../options/format.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';
import { refusal, unknownEvents } from './refused.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('show one event, and each attempt to deliver it')
    .description(
      'Shows one stored event: its state, its last 20 attempts with time and reason, and the headers that it is forwarded with. Delivered and discarded events are kept until 48 h after they arrived, dead letters for a week.',
    )
    .action(run((context, eventId, options) => show(context, eventId, options)));
}

function addOptions(command: Command) {
  return command
    .argument('<event-id>', 'the id of the event (event_id)')
    .option('--reveal', "print the body and Slack's signature too")
    .addOption(storeOption())
    .addOption(envFileOption())
    .addOption(textOrJsonOption('the output format'));
}

async function show(
  context: Context,
  eventId: string,
  options: OptionsOf<typeof addOptions>,
): Promise<ExitCode> {
  const { terminal } = context;
  const event = await withExistingStore(options, context, ({ events }) => events.find(eventId));
  if (!event) throw refusal(unknownEvents([eventId]));
  const reveal = options.reveal === true;
  terminal.result(
    options.format === 'json' ? JSON.stringify(asJson(event, reveal), null, 2) : asText(event, reveal),
  );
  return ExitCode.done;
}

const timeOf = (milliseconds: number) => new Date(milliseconds).toISOString();

/** The headers, without the signature unless it may be shown: together with the body it is a valid request. */
function shownHeaders({ headers = {} }: StoredEvent, reveal: boolean): Readonly<Record<string, string>> {
  const shown = Object.entries(headers).map(([name, value]) => [
    name,
    name === 'x-slack-signature' && !reveal ? '********' : value,
  ]);
  return Object.fromEntries(shown);
}

function asJson(event: StoredEvent, reveal: boolean) {
  const { eventId, workspace, type, state, receivedAt, attempts, headers, body } = event;
  return {
    event: {
      ...{ eventId, workspace, type, state, receivedAt: timeOf(receivedAt) },
      attempts: attempts.map(({ at, failure }) => ({ at: timeOf(at), failure })),
      headers: headers ? shownHeaders(event, reveal) : null,
      bodyBytes: body?.length ?? null,
      ...(reveal ? { body: body ? Buffer.from(body).toString() : null } : {}),
    },
  };
}

function asText(event: StoredEvent, reveal: boolean): string {
  const { eventId, workspace, type, state, receivedAt, attempts, body } = event;
  const row = (name: string, value: string) => `${name.padEnd(10)} ${visible(value)}`;
  const tried = attempts.map(({ at, failure }) => row('attempt', `${timeOf(at)}  ${failure ?? 'delivered'}`));
  const headers = Object.entries(shownHeaders(event, reveal)).map(([name, value]) =>
    row('header', `${name}: ${value}`),
  );
  const lines = [
    row('event', eventId),
    row('state', state),
    row('workspace', workspace),
    row('type', type),
    row('received', timeOf(receivedAt)),
    ...tried,
    ...headers,
  ];
  if (!body) return [...lines, row('body', 'cannot be decrypted: encrypted with another key')].join('\n');
  if (!reveal) return [...lines, row('body', `${body.length} bytes: pass --reveal to print it`)].join('\n');
  return [...lines, '', visible(Buffer.from(body).toString())].join('\n');
}
