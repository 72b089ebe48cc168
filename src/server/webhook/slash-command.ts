import type { Store } from '../../store/store.ts';
import type { SlashCommand } from './slack-request.ts';

/** A message of Slack's, in Block Kit, that only the person who typed the command sees. */
export interface EphemeralMessage {
  readonly response_type: 'ephemeral';
  /** For notifications and screen readers. */
  readonly text: string;
  readonly blocks: readonly Block[];
}

interface Markdown {
  readonly type: 'mrkdwn';
  readonly text: string;
}

type Block =
  | { readonly type: 'section'; readonly text: Markdown }
  | { readonly type: 'context'; readonly elements: readonly Markdown[] };

export interface CommandAnswer {
  /** The first word, where it is one that we know; the log holds nothing else of what was typed. */
  readonly verb: Verb | 'unknown';
  /** An {@link EphemeralMessage} in JSON. */
  readonly body: string;
}

type Verb = 'help' | keyof typeof verbs;

/** A section takes 3,000 characters, which this many stacks stay below. */
const longestList = 20;
/** Spacelift makes a stack's id from its name: letters, digits and hyphens. */
const stackForm = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** What Slack takes for markup or a mention, and what shows it as it is. */
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '`': "'" };

/** What a verb works with. */
interface Task {
  /** The command as it was typed, for examples. */
  readonly name: string;
  /** What was typed after the verb. */
  readonly words: readonly string[];
  readonly channel: { readonly teamId: string; readonly channelId: string };
  readonly enterpriseId: string | null;
  readonly userId: string;
  readonly store: Store;
  readonly now: number;
}

const verbs = {
  subscribe: (task: Task) =>
    withStack(task, 'subscribe', async (stack) => {
      const { channel, enterpriseId, userId, store, now } = task;
      const added = await store.subscribe({
        ...channel,
        stack,
        enterpriseId,
        createdBy: userId,
        createdAt: now,
      });
      return ephemeral(
        `This channel ${added ? 'is now' : 'was already'} subscribed to ${code(stack)}.`,
        'Delivery is off: this server keeps the subscription, and sends no notifications yet.',
      );
    }),

  unsubscribe: (task: Task) =>
    withStack(task, 'unsubscribe', async (stack) => {
      const removed = await task.store.unsubscribe({ ...task.channel, stack });
      return ephemeral(`This channel ${removed ? 'is no longer' : 'was not'} subscribed to ${code(stack)}.`);
    }),

  list: async ({ name, channel, store }: Task) => {
    const stacks = await store.listStacks(channel);
    if (stacks.length === 0) {
      return ephemeral(
        `This channel is subscribed to no stack. ${code(`${name} subscribe <stack>`)} adds one.`,
      );
    }
    const shown = stacks.slice(0, longestList).map((stack) => `• ${code(stack)}`);
    const more = stacks.length - shown.length;
    return ephemeral(
      ['This channel is subscribed to:', ...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
    );
  },
} as const;

/** Answers a slash command, whatever the manifest calls it, where that takes no store. */
export function answerAtOnce(command: SlashCommand): CommandAnswer | undefined {
  const name = command.command;
  const { word, verb } = readWords(command);
  if (verb === 'help') return { verb, body: help(name) };
  if (verb !== undefined) return undefined;
  const message = ephemeral(`${code(`${name} ${word}`)} is not known here. Try ${code(`${name} help`)}.`);
  return { verb: 'unknown', body: JSON.stringify(message) };
}

/**
 * Answers a slash command that {@link answerAtOnce} does not.
 *
 * @param now milliseconds since the epoch
 * @throws what the store throws
 */
export async function answerFromStore(
  command: SlashCommand,
  store: Store,
  now: number,
): Promise<CommandAnswer> {
  const { verb, words } = readWords(command);
  if (verb === undefined || verb === 'help') throw new Error('this command takes no store');
  const { teamId, channelId } = command;
  if (teamId === undefined || channelId === undefined) {
    const message = ephemeral('Slack did not say which channel this is: type the command in one.');
    return { verb, body: JSON.stringify(message) };
  }
  const message = await verbs[verb]({
    name: command.command,
    words,
    channel: { teamId, channelId },
    enterpriseId: command.enterpriseId ?? null,
    userId: command.userId ?? '',
    store,
    now,
  });
  return { verb, body: JSON.stringify(message) };
}

function readWords({ text }: SlashCommand) {
  const [word = 'help', ...words] = text.match(/\S+/g) ?? [];
  return { word, verb: asVerb(word.toLowerCase()), words };
}

/** What a person reads when the store fails: of an error status Slack would show nothing but the number. */
export function storeFailed(command: SlashCommand): EphemeralMessage {
  return ephemeral(
    `${code(command.command)} could not reach its store. Nothing was changed; please try again in a minute.`,
  );
}

function asVerb(word: string): Verb | undefined {
  return word === 'help' || word === 'subscribe' || word === 'unsubscribe' || word === 'list'
    ? word
    : undefined;
}

/** The help in JSON, cut where the command's name stands: nothing else in it changes. */
const helpAround = JSON.stringify(helpMessage('\0')).split(JSON.stringify('\0').slice(1, -1));

function help(name: string): string {
  return helpAround.join(JSON.stringify(escaped(name)).slice(1, -1));
}

function helpMessage(name: string): EphemeralMessage {
  return ephemeral(
    [
      `${code(`${name} subscribe <stack>`)} subscribes this channel to a stack`,
      `${code(`${name} unsubscribe <stack>`)} ends that`,
      `${code(`${name} list`)} shows what this channel is subscribed to`,
      `${code(`${name} help`)} shows this`,
    ].join('\n'),
    'A stack goes by its id: the last part of the address of its page in Spacelift.',
  );
}

async function withStack(
  { name, words }: Task,
  verb: Verb,
  work: (stack: string) => Promise<EphemeralMessage>,
): Promise<EphemeralMessage> {
  const [stack, ...more] = words;
  if (stack === undefined) return ephemeral(`Which stack? Try ${code(`${name} ${verb} <stack>`)}.`);
  if (more.length > 0 || !stackForm.test(stack)) {
    return ephemeral(
      `${code(words.join(' '))} is not the id of a stack: one word of letters, digits, hyphens and underscores.`,
    );
  }
  return work(stack);
}

/** @param remark goes below, in small print */
export function ephemeral(text: string, remark?: string): EphemeralMessage {
  return {
    response_type: 'ephemeral',
    text,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      ...(remark === undefined
        ? []
        : [{ type: 'context', elements: [{ type: 'mrkdwn', text: remark }] } satisfies Block]),
    ],
  };
}

/** Text from elsewhere as code. */
function code(typed: string): string {
  return `\`${escaped(typed)}\``;
}

/** Text from elsewhere, cut short and with nothing in it that would act. */
function escaped(typed: string): string {
  const short = typed.length > 200 ? `${typed.slice(0, 200)}…` : typed;
  return short.replace(/[&<>`]/g, (character) => escapes[character] ?? character);
}
