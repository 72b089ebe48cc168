import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { launcher, type Outcome, runProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openTerminal } from '../support/tmux.ts';

/** A command that prints something in colour, wherever it runs. */
const colourful = ['explain', 'dispatch_failed'];
const colourStart = '\u001b[';

describe('help', () => {
  /** Every command and subcommand, as the program itself tells them. */
  async function commandsBelow(path: readonly string[]): Promise<string[][]> {
    const { stdout } = await runProgram([...path, '--help']);
    const sections = stdout.matchAll(/^(?:Set up|Check|Run|Commands):\n((?: {2}.*\n?)+)/gm);
    const rows = [...sections].map(([, section]) => section).join('');
    const names = [...rows.matchAll(/^ {2}([a-z-]+)/gm)].flatMap(([, name]) => name ?? []);
    const here = names.filter((name) => name !== 'help').map((name) => [...path, name]);
    const below = await Promise.all(here.map(commandsBelow));
    return [...here, ...below.flat()];
  }

  it('is on stdout, fits 80 columns and ends with 0 for each command and subcommand', {
    timeout: 90_000,
  }, async () => {
    const paths = await commandsBelow([]);
    expect(paths.length).toBeGreaterThanOrEqual(20);
    for (const path of [[], ...paths]) {
      const { code, stdout, stderr } = await runProgram([...path, '--help']);
      expect({ path, code, stderr }).toEqual({ path, code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^Usage: ${['spacelift-slack', ...path].join(' ')}\\b`));
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });

  it('is the same by help and by --help', async () => {
    const [one, other] = await Promise.all([
      runProgram(['help', 'explain']),
      runProgram(['explain', '--help']),
    ]);
    expect(one).toEqual(other);
  });

  it('is that of a subcommand where one is named', async () => {
    const { code, stdout } = await runProgram(['help', 'app', 'create']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Usage: spacelift-slack app create')]);
  });

  it.each([['--version'], ['-V']])('%s prints the version alone', async (option) => {
    const { code, stdout, stderr } = await runProgram([option]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('on a terminal', () => {
  const start = async (args: readonly string[], size: readonly [number, number]) => {
    const line = `'${process.execPath}' '${launcher}' ${args.join(' ')}; echo "ended with $?"`;
    const window = await openTerminal(line, { cwd: await temporaryFolder(), size });
    await window.waitFor('ended with');
    return (await window.unbroken()).split('\n');
  };

  it('shows the commands by what they are for, in at most 20 rows', async () => {
    const rows = await start([], [80, 24]);
    expect(rows.length).toBeLessThanOrEqual(21);
    expect(rows).toContain('New here?  spacelift-slack init');
    expect(rows.filter((row) => row.endsWith(':'))).toEqual(['Set up:', 'Check:', 'Run:']);
    expect(rows.at(-1)).toBe('ended with 0');
  });

  it.each([['app'], ['serve events']])(
    'shows the help of "%s" without an error behind it',
    async (command) => {
      const rows = await start([command], [80, 60]);
      expect(rows[0]).toContain(`Usage: spacelift-slack ${command}`);
      expect(rows.filter((row) => row.startsWith('error:'))).toEqual([]);
      expect(rows.at(-1)).toBe('ended with 0');
    },
  );

  it.each([
    ['the first screen', []],
    ['help', ['doctor', '--help']],
    ['an error', ['doctor', 'spacelift.example.com']],
    ['a list', ['doctor', '--list']],
    ['an explanation', ['explain', 'bad_client_secret']],
  ])('breaks %s between words at 40 columns, and only commands not at all', async (_, args) => {
    const rows = await start(args, [40, 24]);
    const long = rows.filter((row) => row.length > 40);
    expect(long.filter((row) => !/^ *(?:spacelift-slack .*|\S+)$/.test(row))).toEqual([]);
    expect(rows.length).toBeGreaterThan(long.length);
  });
});

it.each(['json', 'sarif', 'github', 'text'])('obeys no escape sequence of a file, as %s', async (format) => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'm.json'), JSON.stringify({ display_information: {}, '\u009b31mRED\u202e': 1 }));
  const line = `'${process.execPath}' '${launcher}' manifest validate --format ${format} m.json`;
  const window = await openTerminal(`${line}; echo "ended with $?"`, { cwd, size: [200, 100] });
  await window.waitFor('ended with 1');
  const screen = await window.history();
  expect(screen).toContain('\\u009b31mRED\\u202e');
});

it('is no bug where the working folder is gone', async () => {
  const cwd = await temporaryFolder();
  const line = `mkdir gone && cd gone && rmdir ../gone && '${process.execPath}' '${launcher}' env`;
  const failure = await promisify(execFile)('sh', ['-c', line], { cwd }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('the current folder does not exist any more'),
  });
});

describe('wrong use ends with 2, on stderr, with what was meant', () => {
  it.each<[string[], string, string]>([
    [[], 'no command was given', 'spacelift-slack --help'],
    [['explan'], "unknown command 'explan'", 'Did you mean explain?'],
    [['help', 'explan'], "unknown command 'explan'", 'Did you mean explain?'],
    [['apply'], "unknown command 'apply'", 'spacelift-slack --help'],
    [['validate', 'm.json'], "unknown command 'validate'", 'Did you mean manifest validate?'],
    [['diff'], "unknown command 'diff'", 'Did you mean manifest diff, or app diff'],
    [['create'], "unknown command 'create'", 'Did you mean app create?'],
    [['export'], "unknown command 'export'", 'Did you mean app export?'],
    [['socket'], "unknown command 'socket'", 'Did you mean serve --socket-mode?'],
    [['relay'], "unknown command 'relay'", 'Did you mean serve --upstream <url>?'],
    [['events', 'list'], "unknown command 'events'", 'Did you mean serve events?'],
    [['version'], "unknown command 'version'", 'Did you mean --version?'],
    [['manifest', 'vlidate'], "unknown command 'manifest vlidate'", 'Did you mean validate?'],
    [
      ['doctor', 'spacelift.example.com'],
      "unexpected argument 'spacelift.example.com'",
      'Pass it as --domain spacelift.example.com',
    ],
    [
      ['manifest', 'spacelift.example.com'],
      "unexpected argument 'spacelift.example.com'",
      'Pass it as --domain spacelift.example.com',
    ],
    [['env', 'production'], "unexpected argument 'production'", 'See spacelift-slack env --help.'],
    [['trigger', 'event', 'https://example.com/'], '--url <url> is required', 'Pass it as --url https://'],
    [
      ['--domain', 'spacelift.example.com', 'doctor'],
      "unknown option '--domain'",
      'Put it after the command: spacelift-slack doctor --domain',
    ],
    [['doctor', '-domain', 'example.com'], "unknown option '-domain'", 'Did you mean --domain?'],
    [['doctor', '-verbose'], "unknown option '-verbose'", 'Did you mean --verbose?'],
    [['doctor', '--json'], "unknown option '--json'", 'Pass --format json.'],
    [['env', '--format', 'k8s'], "got 'k8s'", 'Did you mean kubernetes?'],
    [['trigger', 'slash'], "got 'slash'", 'Did you mean slash-command?'],
    [
      ['trigger', 'slash-command', '--domain', 'a.example.com'],
      '--url <url> is required',
      'Pass it as --url https://a.example.com/webhooks/slack',
    ],
    [['trigger', 'slash', '--url', 'https://example.com'], "got 'slash'", 'Did you mean slash-command?'],
    [['doctor', '--timeout', 'soon'], "--timeout: 'soon' is invalid", 'Pass a duration such as 30s'],
    [['doctor', '--port', '1'], "unknown option '--port'", 'doctor --help'],
    [['doctor', '--quite'], "unknown option '--quite'", 'Did you mean --quiet?'],
    [['env', '--format', 'kubernetes', '--namespace', 'A'], '--namespace: "A" is not', 'lowercase letters'],
    [
      ['doctor', '--domain', 'a.example.com', '--app-id', '1.2'],
      '--app-id: expected an app id, got a client id',
      'begins with A',
    ],
    [['kubernetes'], "unknown command 'kubernetes'", 'spacelift-slack --help'],
    [
      ['manifest', '--domain', 'spacelift.example.com', 'diff', 'm.json'],
      '--domain has no effect before the subcommand',
      'Put it after the subcommand: spacelift-slack manifest diff --domain <domain>',
    ],
    [
      ['serve', '--store', 'sqlite:x.db', 'events', 'list'],
      '--store has no effect',
      'serve events list --store',
    ],
    [['serve', '--listen=:1', 'events', 'drop', 'Ev1'], '--listen has no effect', 'Leave it out'],
    [['explain', '--lst'], "unknown option '--lst'", 'Did you mean --list?'],
    [['--verbos', 'explain'], "unknown option '--verbos'", 'Did you mean --verbose?'],
    [['explain', 'x', '--format', 'jso'], "expected one of text, json; got 'jso'", 'Did you mean json?'],
    [['explain', 'x', '--format'], '--format <format> requires a value', 'spacelift-slack explain --help'],
    [['completion', 'fisch'], "<shell>: expected one of bash, zsh, fish; got 'fisch'", 'Did you mean fish?'],
    [['trigger', 'evnt', '--url', 'https://example.com'], "got 'evnt'", 'Did you mean event?'],
    [['trigger', 'event'], '--url <url> is required', 'spacelift-slack trigger --help'],
  ])('%j', async (args, happened, hint) => {
    const { code, stdout, stderr } = await runProgram(args);
    const [error, advice] = stderr.trimEnd().split('\n').slice(-2);
    expect(error).toContain(happened);
    expect(error).toMatch(/^error: /);
    expect(advice).toContain(hint);
    expect(advice).toMatch(/^hint: [A-Z]/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each([
    [['explain', '--format', 'json', '--lst'], 'usage-unknown-option'],
    [['doctor', '--format=json', '--only', 'no-such-check'], 'check-unknown'],
    [['explan', '--format', 'json'], 'usage-unknown-command'],
    [['trigger', 'event', '--format', 'json'], 'usage-missing-mandatory-option-value'],
  ])('with --format json it is on stdout too: %j', async (args, error) => {
    const { code, stdout, stderr } = await runProgram(args);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: error, message: expect.any(String), hint: expect.any(String) },
    });
    expect(stderr).toMatch(/^error: .*\nhint: .*\n$/);
    expect(code).toBe(2);
  });
});

describe('colour', () => {
  it.each<[string, Record<string, string>, string[], boolean]>([
    ['none in a pipe', {}, [], false],
    ['FORCE_COLOR', { FORCE_COLOR: '1' }, [], true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, [], false],
    ['NO_COLOR before FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, [], false],
    ['an empty NO_COLOR is as good as none', { NO_COLOR: '', FORCE_COLOR: '1' }, [], true],
    ['CLICOLOR_FORCE', { CLICOLOR_FORCE: '1' }, [], true],
    ['CLICOLOR_FORCE=0', { CLICOLOR_FORCE: '0' }, [], false],
    ['FORCE_COLOR before CLICOLOR_FORCE', { FORCE_COLOR: '0', CLICOLOR_FORCE: '1' }, [], false],
    ['NO_COLOR before CLICOLOR_FORCE', { NO_COLOR: '1', CLICOLOR_FORCE: '1' }, [], false],
    ['--no-color before FORCE_COLOR', { FORCE_COLOR: '1' }, ['--no-color'], false],
  ])('%s', async (_name, env, options, coloured) => {
    for (const args of [
      [...options, ...colourful],
      [...colourful, ...options],
    ]) {
      const { stdout } = await runProgram(args, { env });
      expect(stdout.includes(colourStart)).toBe(coloured);
    }
  });

  it.each([
    ['a terminal', '', true],
    ['NO_COLOR', 'NO_COLOR=1', false],
    ['CLICOLOR=0', 'CLICOLOR=0', false],
    ['a dumb terminal', 'TERM=dumb', false],
  ])('on a screen: %s', async (_name, assignment, coloured) => {
    const folder = await temporaryFolder();
    const window = await openTerminal(
      `${assignment} '${process.execPath}' '${launcher}' ${colourful.join(' ')}; echo do''ne`,
      {
        cwd: folder,
      },
    );
    await window.waitFor('done');
    expect((await window.coloured()).includes(colourStart)).toBe(coloured);
  });
});

describe('without a terminal nothing waits', () => {
  it('ends although standard input stays open', async () => {
    const child = spawn(process.execPath, [launcher, 'trigger', 'ssl-check', '--url', 'http://127.0.0.1:9'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'] },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toContain('SLACK_SECRET in the environment');
    expect(code).toBe(2);
  });

  it('--no-input does not ask on a terminal either', async () => {
    const window = await openTerminal(
      `'${process.execPath}' '${launcher}' --no-input trigger event --url http://127.0.0.1:9; echo code=$?`,
      { cwd: await temporaryFolder(), env: { SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' } },
    );
    expect(await window.waitFor('code=')).toMatch(/--yes[\s\S]*code=2/);
  });
});

describe('streams', () => {
  const shell = async (script: string) => {
    await need('bash');
    const outcome = await promisify(execFile)('bash', ['-c', script, process.execPath, launcher]).catch(
      (error: Outcome) => error,
    );
    return outcome;
  };

  it('a reader that closes the pipe early is no failure', async () => {
    const { stdout, stderr } = await shell(
      'set -o pipefail; "$0" "$1" explain --quiet --list | true; echo $?',
    );
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });

  it('a full disk is one', async () => {
    expect(await shell('"$0" "$1" --quiet explain --list > /dev/full')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^error: could not write the output: ENOSPC.*\nhint: .*\n$/),
    });
  });

  it('--quiet leaves the result and takes the advice away', async () => {
    const loud = await runProgram(['explain', '--list']);
    const quiet = await runProgram(['explain', '--list', '--quiet']);
    expect(quiet.stdout).toBe(loud.stdout);
    expect(loud.stderr).not.toBe('');
    expect(quiet.stderr).toBe('');
  });

  it('control characters from outside reach no terminal', async () => {
    const { stderr } = await runProgram(['manifest', '--domain', 'x\u001b]0;owned\u0007\u202e']);
    expect(stderr).toContain('x\\u001b]0;owned\\u0007\\u202e');
  });
});

describe('a bug', () => {
  it('is loud, with a stack and the causes, and ends with neither 0 nor 1', async () => {
    const folder = await temporaryFolder();
    const sabotage = join(folder, 'sabotage.mjs');
    await writeFile(
      sabotage,
      "const error = Object.assign(new TypeError('boom', { cause: new Error('why') }), { token: 'xoxb-1' });" +
        'JSON.stringify = () => { throw error; };',
    );
    const { code, stdout, stderr } = await runProgram(['explain', 'dispatch_failed', '--format', 'json'], {
      env: { NODE_OPTIONS: `--import ${sabotage}` },
    });
    expect(stderr).toMatch(/^This is a bug in spacelift-slack/);
    expect(stderr).toMatch(/TypeError: boom\n {4}at /);
    expect(stderr).toContain('Error: why');
    expect(stderr).not.toContain('xoxb-1');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  });
});

describe('at a prompt', () => {
  const ask = `'${process.execPath}' '${launcher}' trigger ssl-check --url http://127.0.0.1:9; echo code=$?`;

  it('Ctrl-C ends with 130 and no stack trace', async () => {
    const window = await openTerminal(ask, { cwd: await temporaryFolder() });
    await window.waitFor('SLACK_SECRET');
    await window.press('C-c');
    const screen = await window.waitFor('code=');
    expect(screen).toContain('code=130');
    expect(screen).not.toMatch(/ at |Error/);
  });

  it.each([
    ['', '', true],
    ['NO_COLOR=1 FORCE_COLOR=1', '', false],
    ['FORCE_COLOR=1', '--no-color', false],
  ])('its colours follow the same rules: %s %s', async (assignments, option, coloured) => {
    const window = await openTerminal(`${assignments} ${ask.replace('trigger', `${option} trigger`)}`, {
      cwd: await temporaryFolder(),
    });
    await window.waitFor('SLACK_SECRET');
    expect(/\u001b\[3\dm/.test(await window.coloured())).toBe(coloured);
  });

  it('a secret is not shown while it is typed', async () => {
    const window = await openTerminal(ask, { cwd: await temporaryFolder() });
    await window.waitFor('SLACK_SECRET');
    await window.type('hunter2');
    expect(await window.waitFor('*******')).not.toContain('hunter2');
    await window.press('Enter');
    expect(await window.waitFor('code=')).not.toContain('hunter2');
  });
});
