import { Argument, type Command } from '@commander-js/extra-typings';
import type { Run } from '../cli/command.ts';
import { suggest } from '../cli/completion.ts';
import { ExitCode } from '../exit-code.ts';
import {
  type ErrorWord,
  errorWords,
  findErrorWords,
  nearestErrorWord,
  sources,
} from '../slack/error-words/error-words.ts';
import { renderErrorWord, renderErrorWordList } from '../slack/error-words/text.ts';
import { penFor } from '../terminal/colour.ts';
import { UserError } from '../user-error.ts';
import { textOrJsonOption } from './options/format.ts';

export function define(command: Command, run: Run): void {
  command
    .addArgument(
      suggest(
        new Argument('[code...]', 'the word, or a part of the sentence that Slack shows'),
        errorWords.map(({ word }) => word),
      ),
    )
    .option('--list', 'list the words, all or those that fit, one a line')
    .addOption(textOrJsonOption('how to print it'))
    .addHelpText(
      'after',
      `
Examples:
  spacelift-slack explain dispatch_failed
  spacelift-slack explain "didn't respond with the value of the challenge"`,
    )
    .action(
      run(async ({ terminal }, code, { list, format }) => {
        const text = code.join(' ').trim();
        const found = list && text === '' ? errorWords : look(text);
        const pen = await penFor(terminal, 'stdout');
        const [only, another] = found;
        if (format === 'json') terminal.result(JSON.stringify({ words: found.map(toJson) }, null, 2));
        else if (only && !another && !list) terminal.result(renderErrorWord(only, pen));
        else {
          terminal.result(renderErrorWordList(found, pen));
          terminal.note('spacelift-slack explain <word> tells the causes and what to do.');
        }
        return ExitCode.done;
      }),
    );
}

function look(text: string): readonly ErrorWord[] {
  if (text === '') {
    throw new UserError('word-missing', 'no word to explain was given', {
      hint: 'Pass the word or a part of the sentence that Slack shows, or --list.',
      exitCode: 2,
    });
  }
  const found = findErrorWords(text);
  if (found.length > 0) return found;
  const nearest = nearestErrorWord(text);
  throw new UserError('word-unknown', `"${text}" is not among the words that can be explained`, {
    hint: nearest
      ? `Did you mean ${nearest}?`
      : 'spacelift-slack explain --list shows them all; try a shorter part of the sentence.',
    exitCode: 2,
  });
}

function toJson({ source, alias, ...entry }: ErrorWord) {
  return { ...entry, alias: alias ?? [], source: sources[source] };
}
