import { fstatSync } from 'node:fs';
import { withoutHiddenControls } from '../text/visible.ts';
import { wrapText } from '../text/wrap.ts';
import type { Host } from './host.ts';
import { stderrOf, written } from './write-errors.ts';

/** The options that every command has. */
export interface GlobalOptions {
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly input: boolean;
}

/**
 * The output of a command: results go to stdout, everything else to stderr. The program writes to no stream in another
 * way.
 */
export class Terminal {
  readonly #host: Host;
  readonly #options: GlobalOptions;

  readonly #stopped: () => AbortSignal | undefined;

  /** @param stopped the abort signal of an interruption, if the command handles one */
  constructor(host: Host, options: GlobalOptions, stopped: () => AbortSignal | undefined) {
    this.#host = host;
    this.#options = options;
    this.#stopped = stopped;
  }

  /** Aborted by an interruption, which ends a prompt; without it a signal ends the process anyway. */
  get stopped(): AbortSignal | undefined {
    return this.#stopped();
  }

  /** True if a person can be prompted: stdin and stderr are a terminal, and `--no-input` is absent. */
  get interactive(): boolean {
    return this.#options.input && this.#host.stdin.isTTY === true && this.#host.stderr.isTTY === true;
  }

  /** Why prompts are not possible, as the end of a sentence, if {@link interactive} is false. */
  get whyNotInteractive(): string {
    return this.#options.input ? 'this is not a terminal' : '--no-input is set';
  }

  /** True if the result goes to a screen, not to a file or a pipe. */
  get showsResult(): boolean {
    return this.#host.stdout.isTTY === true;
  }

  /** Whether the result is written to a regular file. */
  get resultIsFile(): boolean {
    const { fd } = this.#host.stdout;
    return fd !== undefined && fstatSync(fd).isFile();
  }

  /** True if stderr is a screen. */
  get showsProgress(): boolean {
    return this.#host.stderr.isTTY === true;
  }

  /** True if progress may be redrawn in place. */
  get redraws(): boolean {
    return this.showsProgress && !this.#options.quiet;
  }

  get quiet(): boolean {
    return this.#options.quiet;
  }

  get verbose(): boolean {
    return this.#options.verbose;
  }

  /**
   * The colour depth for a stream, in chalk's levels: 0 for none. NO_COLOR (https://no-color.org) wins over FORCE_COLOR,
   * and that over CLICOLOR_FORCE and CLICOLOR (https://bixense.com/clicolors).
   */
  colourLevel(stream: 'stdout' | 'stderr'): 0 | 1 {
    const { env } = this.#host;
    if (!this.#options.color) return 0;
    if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return 0;
    const forced = env['FORCE_COLOR'];
    if (forced !== undefined) return forced === '0' || forced === 'false' ? 0 : 1;
    const { CLICOLOR: wanted, CLICOLOR_FORCE: alsoInFiles } = env;
    if (alsoInFiles !== undefined && alsoInFiles !== '' && alsoInFiles !== '0') return 1;
    if (wanted === '0') return 0;
    return this.#host[stream].isTTY === true && env['TERM'] !== 'dumb' ? 1 : 0;
  }

  /** Writes the command's result as it is, for programs. A missing last line break is added. */
  result(text: string): void {
    const { stdout } = this.#host;
    stdout.write(onScreen(withLineBreak(text), stdout));
  }

  /** Writes the command's result for people: wrapped to the screen where it lands on one. */
  report(text: string): void {
    this.#host.stdout.write(wrapped(withLineBreak(text), this.#host.stdout));
  }

  /**
   * Writes the command's result as {@link result} does, and waits until it is written.
   *
   * @throws the stream's error, which the caller must report
   */
  resultWritten(text: string): Promise<void> {
    return written(this.#host.stdout, withLineBreak(text));
  }

  /** A line of progress or advice; `--quiet` leaves it out. */
  note(line: string): void {
    if (!this.#options.quiet) this.#writeLine(line);
  }

  /** A line that only `--verbose` shows. */
  detail(line: string): void {
    if (this.#options.verbose) this.#writeLine(line);
  }

  /** Something that the person should know although the command continues; printed with `--quiet` too. */
  warn(line: string): void {
    this.#writeLine(`warning: ${line}`);
  }

  /** Whole lines of a log, which applies its own level. */
  log(lines: string): void {
    stderrOf(this.#host).write(lines);
  }

  /** A line about a failure, which no option suppresses. */
  error(line: string): void {
    this.#writeLine(line);
  }

  #writeLine(line: string): void {
    const stderr = stderrOf(this.#host);
    stderr.write(`${wrapped(line, stderr)}\n`);
  }
}

function withLineBreak(text: string): string {
  return text.endsWith('\n') || text === '' ? text : `${text}\n`;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Shows hidden control characters if the stream is a screen. Files and other programs get the text as it is. */
function onScreen(text: string, stream: Stream): string {
  return stream.isTTY === true ? withoutHiddenControls(text) : text;
}

/** Wraps a text for people if the stream is a screen. */
function wrapped(text: string, stream: Stream): string {
  const shown = onScreen(text, stream);
  return stream.isTTY === true && stream.columns ? wrapText(shown, stream.columns) : shown;
}
