import { Argument, type Command } from '@commander-js/extra-typings';
import type { Run } from '../cli/command.ts';
import { suggest } from '../cli/completion.ts';
import { ExitCode } from '../exit-code.ts';
import type { Search } from '../explain/find.ts';
import type { Topic } from '../explain/topic.ts';
import { penFor } from '../terminal/colour.ts';
import { UserError } from '../user-error.ts';
import { textOrJsonOption } from './options/format.ts';

export function define(command: Command, run: Run): void {
  command
    .addArgument(
      suggest(
        new Argument(
          '[code...]',
          'an error word, part of the message that Slack shows, or an id of a report',
        ),
        async () => (await import('../explain/topic.ts')).topics.map(({ id }) => id),
      ),
    )
    .option('--list', 'list all topics, or those that match, one per line')
    .addOption(textOrJsonOption())
    .addHelpText(
      'after',
      `
Examples:
  spacelift-slack explain dispatch_failed
  spacelift-slack explain "didn't respond with the value of the challenge"
  spacelift-slack explain webhook.reachable
  spacelift-slack explain url-scheme`,
    )
    .action(
      run(async ({ terminal }, code, { list, format }) => {
        const text = code.join(' ').trim();
        const [{ topics }, { renderTopic, renderTopicList }] = await Promise.all([
          import('../explain/topic.ts'),
          import('../explain/text.ts'),
        ]);
        const { kind, topics: found } = list && text === '' ? { kind: 'found', topics } : await search(text);
        const pen = await penFor(terminal, 'stdout');
        const [first, second] = found;
        if (format === 'json') {
          const words = found.map(toJson);
          terminal.result(JSON.stringify({ guess: kind === 'guess', words }, null, 2));
        } else if (kind === 'found' && first && !second && !list) {
          terminal.report(renderTopic(first, pen));
        } else {
          terminal.report(renderTopicList(found, pen));
          if (kind === 'guess')
            terminal.note('No topic matches exactly: these are guesses, the closest first.');
          terminal.note('spacelift-slack explain <id> prints the causes and what to do.');
        }
        return ExitCode.done;
      }),
    );
}

/** @throws UserError `word-missing` or `word-unknown` */
async function search(text: string): Promise<Exclude<Search, { kind: 'nothing' }>> {
  if (text === '') {
    throw new UserError('word-missing', 'no topic was given', {
      hint: 'Pass an error word, a part of the sentence that Slack shows, the id of a check or rule, or --list.',
      exitCode: 2,
    });
  }
  const { findTopics } = await import('../explain/find.ts');
  const found = findTopics(text);
  if (found.kind !== 'nothing') return found;
  throw new UserError('word-unknown', `no topic matches "${text}"`, {
    hint:
      found.nearest === undefined
        ? 'List all topics with spacelift-slack explain --list, or pass a shorter part of the sentence.'
        : `Did you mean ${found.nearest}?`,
    exitCode: 2,
  });
}

function toJson({ kind, id, alias, shown, summary, details, causes, advice, run, source }: Topic) {
  const meaning = details === '' ? summary : `${summary} ${details}`;
  return { kind, word: id, alias, shown, meaning, causes, advice, run, source };
}
