import { projectFileName } from '../environment/project-file.ts';
import { readSettings, type Settings } from '../environment/settings.ts';
import { ExitCode } from '../exit-code.ts';
import type { InputWait } from '../files/read-input.ts';
import type { Host } from '../terminal/host.ts';
import { type GlobalOptions, Terminal } from '../terminal/terminal.ts';
import { UserError } from '../user-error.ts';

/** The environment of a command: terminal, variables, folder, clock, signals. Cores get single values of it. */
export class Context {
  readonly terminal: Terminal;
  readonly #host: Host;
  readonly #settings = new Map<string | false | undefined, Promise<Settings>>();
  #namedProject = false;
  #stopped: { readonly signal: AbortSignal; exitCode?: 130 | 143 } | undefined;

  constructor(host: Host, options: GlobalOptions) {
    this.#host = host;
    this.terminal = new Terminal(host, options, () => this.#stopped?.signal);
  }

  get env(): Readonly<Record<string, string | undefined>> {
    return this.#host.env;
  }

  /** The settings with this env file, which is read once: a pipe would be empty the second time. */
  settings(envFile?: string | false): Promise<Settings> {
    const read = this.#settings.get(envFile) ?? this.settingsFrom(this.env, envFile);
    this.#settings.set(envFile, read);
    return read;
  }

  /** The settings with these variables in place of those of the process. */
  async settingsFrom(env: Context['env'], envFile?: string | false): Promise<Settings> {
    const settings = await readSettings({ env, cwd: this.cwd, envFile, inputWait: this.inputWait });
    const { projectFile } = settings;
    if (projectFile.kind !== 'foreign' || this.#namedProject) return settings;
    this.#namedProject = true;
    const owner = `it belongs to another user of this machine (uid ${projectFile.uid})`;
    this.terminal.warn(`${projectFileName} is ignored: ${owner}`);
    return settings;
  }

  get stdin(): Host['stdin'] {
    return this.#host.stdin;
  }

  /** How to wait for an input file that is a pipe: an interruption ends the wait, as it ends a prompt. */
  get inputWait(): InputWait {
    return { note: (line) => this.terminal.note(line), signal: this.terminal.stopped };
  }

  /**
   * The folder that file names are relative to.
   *
   * @throws UserError `folder-missing` if it has been deleted
   */
  get cwd(): string {
    try {
      return this.#host.cwd();
    } catch (cause) {
      throw new UserError('folder-missing', 'the current folder does not exist any more', {
        hint: 'Change into an existing folder, and run the command again.',
        exitCode: 3,
        cause,
      });
    }
  }

  /** The clock, in milliseconds since the epoch. */
  now(): number {
    return Date.now();
  }

  /**
   * Aborted by the first SIGINT or SIGTERM, for commands that finish or clean up something; a second signal ends the
   * process at once. A command that does not use it is ended by the signal itself.
   */
  get interruption(): AbortSignal {
    if (this.#stopped) return this.#stopped.signal;
    const controller = new AbortController();
    const stopped: { readonly signal: AbortSignal; exitCode?: 130 | 143 } = { signal: controller.signal };
    const stop = (exitCode: 130 | 143) => () => {
      if (stopped.exitCode !== undefined) this.#host.exit(stopped.exitCode);
      stopped.exitCode = exitCode;
      controller.abort();
    };
    this.#host.on('SIGINT', stop(ExitCode.interrupted));
    this.#host.on('SIGTERM', stop(ExitCode.terminated));
    this.#stopped = stopped;
    return stopped.signal;
  }

  /** 130 or 143 once a signal was received; it takes precedence over any other exit code. */
  get interruptedWith(): 130 | 143 | undefined {
    return this.#stopped?.exitCode;
  }
}
