import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { need } from '../support/need.ts';
import { onlyParsed } from './support/not-run.ts';
import { commandLines, pageNames, readPage } from './support/pages.ts';
import { createSetting, type Setting, shownAppId } from './support/setting.ts';
import { parseShellLine, type ShellCommand } from './support/shell-line.ts';
import { asInExamples, shows } from './support/shown-output.ts';

const guides = (await pageNames()).filter((name) => name.startsWith('docs/guides/'));

it.each(guides)('%s shows what its commands print, from nothing to a green doctor', async (name) => {
  // doctor shows what git says of the env file, and one guide runs grep.
  await need('git');
  await need('grep');
  const page = await readPage(name);
  const lines = page.split('\n');
  const setting = await createSetting(onTestFinished, { deployed: 'newest' });
  const run = await inOneFolder(setting);
  const steps = commandLines(name, page).filter(({ inBlock }) => inBlock);
  const edits: { readonly range: readonly [number, number]; readonly text: readonly string[] }[] = [];
  let last = '';
  for (const { text, isConsole, output, range } of steps) {
    const printed = onlyParsed.some(([pattern]) => pattern.test(text)) ? undefined : await run(text);
    if (text.startsWith('spacelift-slack doctor')) last = printed?.join('\n') ?? '';
    if (printed === undefined || !isConsole || shows(printed, output)) continue;
    const indent = /^ */.exec(lines[range[0]] ?? '')?.[0] ?? '';
    const start = range[1] - output.length;
    edits.push({
      range: [start, range[1]],
      text: printed.map((line) => `${indent}${line}`.trimEnd()),
    });
  }
  for (const { range, text } of edits.reverse()) lines.splice(range[0], range[1] - range[0], ...text);
  await expect(lines.join('\n')).toMatchFileSnapshot(
    fileURLToPath(new URL(`../../${name}`, import.meta.url)),
  );
  expect(last).toContain('0 failed');
  const count = page.match(/^## \d\. /gm)?.length ?? 0;
  expect(count).toBeGreaterThan(2);
  expect(count).toBeLessThanOrEqual(7);
});

/**
 * Runs the command lines of a page one after the other, as a reader does.
 *
 * @returns what a line prints, or undefined for a line that no test runs
 */
async function inOneFolder(
  setting: Setting,
): Promise<(text: string) => Promise<readonly string[] | undefined>> {
  const cwd = await setting.folder('empty');
  // What the reader has already: the configuration of the CloudFormation installer.
  await writeFile(join(cwd, 'config.json'), '{\n  "slack_config": { "enabled": false }\n}\n', {
    mode: 0o600,
  });
  const env: Record<string, string> = {};
  return async (text) => {
    const commands = parseShellLine(text);
    const [command] = commands;
    if (!command) return undefined;
    if (command.words[0] === 'export') {
      for (const word of command.words.slice(1)) {
        const [variable = '', value = ''] = word.split('=');
        env[variable] = value.includes('…') ? ownValue(variable, setting) : value;
      }
      return undefined;
    }
    if (commands.some(({ words: [program] }) => program === 'grep'))
      execFileSync('sh', ['-c', text], { cwd });
    if (command.words[0] !== 'spacelift-slack') return undefined;
    const isPrompted = text === 'spacelift-slack env --write';
    // The reader has the id of their own app.
    const words = command.words.map((word) => (word === shownAppId ? setting.newest().id : word));
    return runOne({ ...command, words }, cwd, isPrompted ? { ...env, ...pasted(setting) } : env, setting);
  };
}

async function runOne(
  command: ShellCommand,
  cwd: string,
  env: Readonly<Record<string, string>>,
  setting: Setting,
): Promise<readonly string[]> {
  const { stdinFile, stdoutFile } = command;
  const stdin = stdinFile === undefined ? undefined : await readFile(join(cwd, stdinFile), 'utf8');
  const { code, output, stdout, stderr } = await setting.run(command, cwd, env, stdin);
  if (stdoutFile !== undefined) await writeFile(join(cwd, stdoutFile), stdout);
  const printed = asInExamples(stdoutFile === undefined ? output : stderr, setting);
  expect([0, 143], `${command.words.join(' ')}:\n${output}`).toContain(code);
  return printed;
}

/** What the reader pastes at the prompts. */
function pasted({ newest }: Setting): Readonly<Record<string, string>> {
  const { credentials } = newest();
  return {
    SLACK_APP_CLIENT_ID: credentials.client_id,
    SLACK_APP_CLIENT_SECRET: credentials.client_secret,
    SLACK_SECRET: credentials.signing_secret,
  };
}

/** The value that the page leaves to the reader. */
function ownValue(variable: string, { slack, newest }: Setting): string {
  if (variable === 'SLACK_CONFIG_TOKEN') return slack.workspace.configToken;
  if (variable === 'SLACK_APP_TOKEN') return slack.workspace.addAppToken(newest());
  throw new Error(`no value for ${variable}`);
}
