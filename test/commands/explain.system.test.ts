import { describe, expect, it } from 'vitest';
import { topics } from '../../src/explain/topic.ts';
import { runProgram } from '../support/program.ts';

describe('explain', () => {
  it('prints one error word in full, on stdout alone', async () => {
    const { code, stdout, stderr } = await runProgram(['explain', 'ssl_cacert']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ssl_cacert\n\/spacelift failed with the error "ssl_cacert"\n\n/);
    expect(stdout).toContain('  1. The server does not send the intermediate certificate.\n');
    expect(stdout).toContain('  spacelift-slack doctor --only tls\n');
    expect(stdout).toContain('Source: ');
  });

  it('prints the section of a check', async () => {
    const { code, stdout } = await runProgram(['explain', 'webhook.reachable']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^webhook\.reachable {2}check of doctor, endpoint\n\nPasses if /);
    expect(stdout).toContain('Likely causes, the likeliest first:\n  1. ');
    expect(stdout).toContain('What to do: ');
  });

  it('prints the section of a rule', async () => {
    const { code, stdout } = await runProgram(['explain', 'command-needs-scope']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        'command-needs-scope  rule of manifest validate, error',
        '',
        'Slash commands need the bot scope commands.',
        'Why: Slack rejects the manifest (requires_commands_bot_scope).',
        '',
        'What to do: Add "commands" to oauth_config.scopes.bot.',
        '  spacelift-slack manifest validate manifest.json',
        '',
        "Source: several people independently published how Slack's service responded",
        '',
      ].join('\n'),
    });
  });

  it('accepts a sentence without quotes', async () => {
    const { code, stdout } = await runProgram(['explain', 'value', 'of', 'the', 'challenge']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^challenge_failed\n/);
  });

  it('lists the checks of a group', async () => {
    const { code, stdout, stderr } = await runProgram(['explain', 'dns']);
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['dns.resolves', 'dns.public', '']);
    expect(stderr).toBe('spacelift-slack explain <id> prints the causes and what to do.\n');
  });

  it('says that a weak match is a guess, and lists three', async () => {
    const { code, stdout, stderr } = await runProgram(['explain', 'private channel without the app']);
    expect(code).toBe(0);
    expect(stdout).toContain('channel_not_found');
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toContain('No topic matches exactly: these are guesses, the closest first.\n');
    const json = await runProgram(['explain', 'private channel without the app', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ guess: true, words: [{}, {}, {}] });
  });

  it('--list has a line for each topic', async () => {
    const { code, stdout } = await runProgram(['explain', '--list']);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(topics.length);
  });

  it('--format json has the same keys for one topic and for the list', async () => {
    const one = await runProgram(['explain', 'dispatch_failed', '--format', 'json']);
    expect(JSON.parse(one.stdout)).toMatchObject({
      guess: false,
      words: [
        {
          kind: 'error',
          word: 'dispatch_failed',
          alias: [],
          meaning: expect.any(String),
          run: expect.any(Array),
          source: { title: expect.any(String) },
        },
      ],
    });
    const all = await runProgram(['explain', '--list', '--format=json']);
    expect(JSON.parse(all.stdout).words).toHaveLength(topics.length);
  });

  it.each([
    ['dispach_failed', 'word-unknown', 'Did you mean dispatch_failed?'],
    ['webhook.reachible', 'word-unknown', 'Did you mean webhook.reachable?'],
    ['zebra', 'word-unknown', 'spacelift-slack explain --list'],
    ['', 'word-missing', '--list'],
  ])('rejects %j with a hint', async (word, error, hint) => {
    const { code, stdout, stderr } = await runProgram(['explain', word, '--format', 'json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: error, hint: expect.stringContaining(hint) } });
    expect(stderr).toContain(`hint: `);
  });

  it('names no command or option that the program lacks', async () => {
    const commands = new Set(
      topics.flatMap(({ run }) => run).filter((line) => line.startsWith('spacelift-slack ')),
    );
    expect(commands.size).toBeGreaterThan(0);
    for (const command of commands) {
      const words = command.split(' ').slice(1);
      const path = words.slice(0, words[0] === 'app' || words[1] === 'validate' ? 2 : 1);
      const { code, stdout } = await runProgram([...path, '--help']);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(stdout).toContain(`Usage: spacelift-slack ${path.join(' ')} `);
      for (const option of words.filter((word) => word.startsWith('--'))) {
        expect(stdout, command).toContain(option.split('=')[0]);
      }
    }
  });
});
