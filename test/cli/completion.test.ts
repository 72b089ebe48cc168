import { Argument, Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { complete, suggest } from '../../src/cli/completion.ts';
import { joinBroken, renderReply } from '../../src/cli/completion-scripts.ts';

function program(): CommandUnknownOpts {
  const root = new Command('tool')
    .option('-v, --verbose', 'say more')
    .helpCommand('help [command]', 'show help');
  root
    .command('check')
    .summary('checks it')
    .addOption(new Option('--format <format>', 'how').choices(['text', 'json']))
    .addOption(suggest(new Option('--only <ids>', 'which'), async () => ['tls', 'tls.expiry', 'env'], true))
    .addOption(new Option('--hidden <x>').hideHelp())
    .option('--ca <file>', 'a certificate')
    .option('--write [file]', 'where to')
    .option('--name <name>', 'free text');
  root.command('send').addArgument(new Argument('<kind>').choices(['event', 'ssl-check']));
  root.command('read').argument('[file]', 'what to read');
  root.command('secret', { hidden: true });
  const app = root.command('app').alias('application');
  app.command('create');
  app.command('export').option('--id <id>');
  return root;
}

async function values(line: string): Promise<string[]> {
  const { candidates, files } = await complete(program(), line.split(' '));
  return [...candidates.map(({ value }) => value), ...(files ? [':files'] : [])];
}

describe('complete', () => {
  const options = ['--format', '--only', '--ca', '--write', '--name', '--help'];
  it.each([
    ['', ['check', 'send', 'read', 'app', 'help']],
    ['se', ['send']],
    ['nothing', []],
    ['help ', ['check', 'send', 'read', 'app', 'help']],
    ['-v se', ['send']],
    ['--verb', ['--verbose']],
    ['check ', options],
    ['check -', options],
    ['check --f', ['--format']],
    ['check --format ', ['text', 'json']],
    ['check --format j', ['json']],
    ['check --format=', ['--format=text', '--format=json']],
    ['check --format=j', ['--format=json']],
    ['check --format -', []],
    ['check --format json --on', ['--only']],
    ['check --only ', ['tls', 'tls.expiry', 'env']],
    ['check --only env,', ['env,tls', 'env,tls.expiry']],
    ['check --only tls,e', ['tls,env']],
    ['check --only=env,tls.', ['--only=env,tls.expiry']],
    ['check --ca ', [':files']],
    ['check --ca=x', [':files']],
    ['check --write ', [':files']],
    ['-v --ver', ['--verbose']],
    ['check --name ', []],
    ['check --unknown=', []],
    ['send ', ['event', 'ssl-check']],
    ['send -v e', ['event']],
    ['send event ', ['--help']],
    ['send -- ', ['event', 'ssl-check']],
    ['send -- -', []],
    ['read ', [':files']],
    ['app ', ['create', 'export', 'help']],
    ['application ex', ['export']],
    ['app export --', ['--id', '--help']],
  ])('%j becomes %j', async (line, expected) => {
    expect(await values(line)).toEqual(expected);
  });

  it('describes what it offers', async () => {
    expect((await complete(program(), ['ch'])).candidates).toEqual([
      { value: 'check', description: 'checks it' },
    ]);
  });
});

describe('the reply', () => {
  const completions = { candidates: [{ value: '--only=a:b', description: 'what\n it is' }], files: true };

  it('to bash leaves out what bash takes for finished', () => {
    expect(renderReply(completions, 'bash', ['check', '--only='])).toBe('a:b\n:files\n');
    expect(renderReply(completions, 'bash', ['check', '--only=a:'])).toBe('b\n:files\n');
    expect(renderReply(completions, 'bash', ['check', '--on'])).toBe('--only=a:b\n:files\n');
  });

  it('to zsh escapes colons, to fish has a tab', () => {
    expect(renderReply(completions, 'zsh', ['--'])).toBe('--only=a\\:b:what it is\n:files\n');
    expect(renderReply(completions, 'fish', ['--'])).toBe('--only=a:b\twhat it is\n:files\n');
  });

  it.each([
    [
      ['a', '--b', '=', 'c'],
      ['a', '--b=c'],
    ],
    [
      ['a', '--b', '='],
      ['a', '--b='],
    ],
    [
      ['--u', 'https', ':', '//x', 'y'],
      ['--u', 'https://x', 'y'],
    ],
    [['='], ['=']],
    [
      ['a', ''],
      ['a', ''],
    ],
  ])('joins %j to %j', (broken, joined) => {
    expect(joinBroken(broken)).toEqual(joined);
  });
});
