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
 * Where a command's words go: results to stdout, everything else to stderr. Nothing in the program writes to a
 * stream in another way.
 */
export class Terminal {
  readonly #host: Host;
  readonly #options: GlobalOptions;

  readonly #stopped: () => AbortSignal | undefined;

  /** @param stopped what a signal aborts, where the command ends by itself then */
  constructor(host: Host, options: GlobalOptions, stopped: () => AbortSignal | undefined) {
    this.#host = host;
    this.#options = options;
    this.#stopped = stopped;
  }

  /** Takes a question back; without it a signal ends the process anyway. */
  get stopped(): AbortSignal | undefined {
    return this.#stopped();
  }

  /** True where a person can be asked: both ends of the conversation are a terminal and `--no-input` is absent. */
  get interactive(): boolean {
    return this.#options.input && this.#host.stdin.isTTY === true && this.#host.stderr.isTTY === true;
  }

  /** Why nobody can be asked, as the end of a sentence; for where {@link interactive} is false. */
  get silence(): string {
    return this.#options.input ? 'there is no terminal to ask on' : '--no-input forbids to ask';
  }

  /** True where the result lands on a screen, and not in a file or a pipe. */
  get showsResult(): boolean {
    return this.#host.stdout.isTTY === true;
  }

  /** True where what goes to stderr lands on a screen. */
  get showsProgress(): boolean {
    return this.#host.stderr.isTTY === true;
  }

  /** True where progress may be redrawn in place. */
  get redraws(): boolean {
    return this.showsProgress && !this.#options.quiet;
  }

  get quiet(): boolean {
    return this.#options.quiet;
  }

  get verbose(): boolean {
    return this.#options.verbose;
  }

  /** The colour depth for a stream, in chalk's levels: 0 for none. */
  colourLevel(stream: 'stdout' | 'stderr'): 0 | 1 {
    const { env } = this.#host;
    if (!this.#options.color) return 0;
    if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return 0;
    const forced = env['FORCE_COLOR'];
    if (forced !== undefined) return forced === '0' || forced === 'false' ? 0 : 1;
    return this.#host[stream].isTTY === true && env['TERM'] !== 'dumb' ? 1 : 0;
  }

  /** Writes the command's result as it is, for programs. A missing last line break is added. */
  result(text: string): void {
    this.#host.stdout.write(withLineBreak(text));
  }

  /** Writes the command's result for people: wrapped to the screen where it lands on one. */
  report(text: string): void {
    this.#host.stdout.write(wrapped(withLineBreak(text), this.#host.stdout));
  }

  /**
   * Writes the command's result as {@link result} does, and waits until it is written.
   *
   * @throws the stream's error; whoever waits has to say what it means
   */
  resultWritten(text: string): Promise<void> {
    return written(this.#host.stdout, withLineBreak(text));
  }

  /** A line of progress or advice; `--quiet` leaves it out. */
  note(line: string): void {
    if (!this.#options.quiet) this.#tell(line);
  }

  /** A line that only `--verbose` shows. */
  detail(line: string): void {
    if (this.#options.verbose) this.#tell(line);
  }

  /** Something the person should know although the work goes on; shown with `--quiet` too. */
  warn(line: string): void {
    this.#tell(`warning: ${line}`);
  }

  /** Whole lines of a log, which decides by itself what to leave out. */
  log(lines: string): void {
    stderrOf(this.#host).write(lines);
  }

  /** A line that no option silences: what went wrong. */
  error(line: string): void {
    this.#tell(line);
  }

  #tell(line: string): void {
    const stderr = stderrOf(this.#host);
    stderr.write(`${wrapped(line, stderr)}\n`);
  }
}

function withLineBreak(text: string): string {
  return text.endsWith('\n') || text === '' ? text : `${text}\n`;
}

/** A text for people as it fits a stream: only a screen has a width. */
function wrapped(text: string, stream: { readonly isTTY?: boolean; readonly columns?: number }): string {
  return stream.isTTY === true && stream.columns ? wrapText(text, stream.columns) : text;
}
