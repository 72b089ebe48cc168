import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type LocalSlack, type LocalSlackOptions, localSlack } from './local-slack.ts';
import { launcher, type Outcome, type ProgramOptions, runProgram } from './program.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { openTerminal, type TerminalWindow } from './tmux.ts';

export const domain = 'spacelift.example.com';

/** An empty folder, a local Slack, and the program with a configuration token for it. */
export interface AppScene {
  readonly slack: LocalSlack;
  readonly cwd: string;
  readonly stateFolder: string;
  /** Runs the program. `env` is added to the scene's. */
  run(args: readonly string[], options?: ProgramOptions): Promise<Outcome>;
  /** Runs the program in a real terminal, which prints `ended with` and the exit code at the end. */
  openTerminal(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<TerminalWindow>;
  /** The manifest that the program renders for the domain. */
  manifest(): Promise<Record<string, never>>;
}

/**
 * Sets the scene for one test. The test fails if the output of a run without `--reveal` contains a secret that Slack
 * knows.
 */
export async function appScene(steps: LocalSlackOptions['steps'] = {}): Promise<AppScene> {
  const slack = await localSlack({ steps });
  const cwd = await temporaryFolder();
  const base = {
    SLACK_API_URL: slack.url,
    SLACK_CONFIG_TOKEN: slack.workspace.configToken,
    SPACELIFT_DOMAIN: domain,
  };
  const outputs: string[] = [];
  onTestFinished(() => {
    const everything = outputs.join('\n');
    expect(slack.workspace.secrets.filter((secret) => everything.includes(secret))).toEqual([]);
  });
  return {
    slack,
    cwd,
    stateFolder: join(cwd, '.local/state/spacelift-slack'),
    async run(args, options = {}) {
      const outcome = await runProgram(args, { cwd, ...options, env: { ...base, ...options.env } });
      if (!args.includes('--reveal')) outputs.push(outcome.stdout, outcome.stderr);
      return outcome;
    },
    async openTerminal(args, env = {}) {
      // Ctrl-C must end the program, not the shell around it.
      const line = `trap : INT; '${process.execPath}' '${launcher}' ${args.join(' ')}; echo "ended with $?"`;
      const terminal = await openTerminal(line, { cwd, env: { ...base, ...env } });
      return {
        ...terminal,
        async waitFor(shown) {
          const screen = await terminal.waitFor(shown);
          if (!args.includes('--reveal')) outputs.push(screen);
          return screen;
        },
      };
    },
    async manifest() {
      const { stdout } = await runProgram(['manifest', '--domain', domain], { cwd });
      return JSON.parse(stdout);
    },
  };
}

/**
 * Runs the program in a terminal, and presses Ctrl-C while Slack works on a call. Slack then responds as usual.
 *
 * @param count which call of the method, from 1
 * @returns the screen at the end
 */
export async function interruptedAt(
  { slack, openTerminal }: AppScene,
  method: string,
  args: readonly string[],
  count = 1,
): Promise<string> {
  let answer = () => {};
  const wait = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const before = Array.from({ length: count - 1 }, () => ({ after: async () => undefined }));
  slack.next(method, ...before, { after: () => wait });
  const terminal = await openTerminal(args);
  await expect.poll(() => slack.calls(method).length).toBe(count);
  await terminal.press('C-c');
  await terminal.waitFor('^C');
  answer();
  return terminal.waitFor('ended with 130');
}
