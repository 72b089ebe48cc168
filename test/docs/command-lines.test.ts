import { PassThrough } from 'node:stream';
import { CommanderError } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { commands } from '../../src/main.ts';
import { onlyParsed, otherPrograms } from './support/not-run.ts';
import { allCommandLines, commandLines } from './support/pages.ts';
import { parseShellLine } from './support/shell-line.ts';

const lines = [...new Map((await allCommandLines()).map((line) => [line.text, line])).values()];

describe('a page', () => {
  it('gives its command lines with their output and their continuation', () => {
    const page =
      'Run `spacelift-slack env`:\n\n  ```console\n  $ a b \\\n      c\n  out\n  $ d\n  ```\n\n```sh\n# no\ne\n```\n';
    const shown = commandLines('p.md', page).map(({ place, text, output }) => [place, text, output.join()]);
    expect(shown).toEqual([
      ['p.md:1', 'spacelift-slack env', ''],
      ['p.md:4', 'a b c', 'out'],
      ['p.md:7', 'd', ''],
      ['p.md:12', 'e', ''],
    ]);
  });
});

describe('the command lines of README and docs', () => {
  it('are accepted by the program', async () => {
    const rejected: string[] = [];
    let count = 0;
    for (const { place, text, inBlock } of lines) {
      for (const words of commandsOf(text)) {
        count += 1;
        const error = await parse(words);
        if (error === undefined || (!inBlock && isIncomplete(error))) continue;
        rejected.push(`${place}: ${text}: ${error.message}`);
      }
    }
    expect(rejected).toEqual([]);
    expect(count).toBeGreaterThan(100);
  });

  it('run no other program than those known, with the reason why no test runs it', () => {
    const unknown = lines
      .filter(({ inBlock }) => inBlock)
      .flatMap(({ place, text }) =>
        parseShellLine(text).map(({ words: [program] }) => ({ place, program: program ?? 'export' })),
      )
      .filter(({ program }) => program !== 'spacelift-slack' && !Object.hasOwn(otherPrograms, program));
    expect(unknown).toEqual([]);
  });

  it('need each reason for which a line is not run', () => {
    const programs = new Set(
      lines.flatMap(({ text }) => parseShellLine(text).map(({ words: [one] }) => one)),
    );
    expect(Object.keys(otherPrograms).filter((name) => !programs.has(name))).toEqual([]);
    const unused = onlyParsed.filter(([pattern]) => !lines.some(({ text }) => pattern.test(text)));
    expect(unused.map(([, reason]) => reason)).toEqual([]);
  });
});

/** The arguments of this program's commands in a line. */
function commandsOf(text: string): readonly (readonly string[])[] {
  return parseShellLine(text)
    .filter(({ words: [program] }) => program === 'spacelift-slack')
    .map(({ words: [, ...args] }) => args)
    .filter((args) => args.length > 0);
}

/** A sentence may name a command without its arguments. */
function isIncomplete(error: unknown): boolean {
  return error instanceof CommanderError && /help$|missing/i.test(error.code);
}

/** Parses arguments as the program does, and runs nothing. @returns what is wrong with them */
async function parse(args: readonly string[]): Promise<Error | undefined> {
  const nothing = new PassThrough();
  const host = {
    stdin: nothing,
    stdout: nothing,
    stderr: nothing,
    env: {},
    cwd: () => '/',
    on: () => undefined,
    exit: () => undefined,
  };
  const program = await createProgram(commands, args, host, () => async () => undefined);
  return program.parseAsync([...args], { from: 'user' }).then(
    () => undefined,
    (error: Error) => error,
  );
}
