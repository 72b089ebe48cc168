import { describe, expect, it } from 'vitest';
import { errorWords } from '../../src/slack/error-words/error-words.ts';
import { runProgram } from '../support/program.ts';

describe('explain', () => {
  it('prints one word in full, on stdout alone', async () => {
    const { code, stdout, stderr } = await runProgram(['explain', 'ssl_cacert']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('ssl_cacert');
    expect(stdout).toContain('1. the intermediate certificate is not sent along');
    expect(stdout).toContain('spacelift-slack doctor --only tls');
    expect(stdout).toContain('Source: ');
  });

  it('takes a sentence without quotes', async () => {
    const { code, stdout } = await runProgram(['explain', 'value', 'of', 'the', 'challenge']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^challenge_failed\n/);
  });

  it('lists what fits where several words do', async () => {
    const { code, stdout, stderr } = await runProgram(['explain', 'bot scope']);
    expect(code).toBe(0);
    expect(stdout).toContain('requires_a_bot_scope');
    expect(stderr).not.toBe('');
  });

  it('--list has a line for each entry', async () => {
    const { code, stdout } = await runProgram(['explain', '--list']);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(errorWords.length);
  });

  it('--format json has the same shape for one word and for the list', async () => {
    const one = await runProgram(['explain', 'dispatch_failed', '--format', 'json']);
    expect(JSON.parse(one.stdout)).toMatchObject({
      words: [
        { word: 'dispatch_failed', alias: [], run: expect.any(Array), source: { title: expect.any(String) } },
      ],
    });
    const all = await runProgram(['explain', '--list', '--format=json']);
    expect(JSON.parse(all.stdout).words).toHaveLength(errorWords.length);
  });

  it.each([
    ['dispach_failed', 'word-unknown', 'Did you mean dispatch_failed?'],
    ['zebra', 'word-unknown', 'spacelift-slack explain --list'],
    ['', 'word-missing', '--list'],
  ])('refuses %j with a hint', async (word, error, hint) => {
    const { code, stdout, stderr } = await runProgram(['explain', word, '--format', 'json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: error, hint: expect.stringContaining(hint) } });
    expect(stderr).toContain(`hint: `);
  });

  it('names no command or option that the program lacks', async () => {
    const commands = new Set(errorWords.flatMap(({ run }) => run));
    for (const command of commands) {
      const [program, ...words] = command.split(' ');
      expect(program).toBe('spacelift-slack');
      const path = words.slice(0, words[0] === 'app' || words[1] === 'validate' ? 2 : 1);
      const { code, stdout } = await runProgram([...path, '--help']);
      expect({ command, code }).toEqual({ command, code: 0 });
      expect(stdout).toContain(`Usage: spacelift-slack ${path.join(' ')} `);
      for (const option of words.filter((word) => word.startsWith('--'))) expect(stdout).toContain(option);
    }
  });
});
