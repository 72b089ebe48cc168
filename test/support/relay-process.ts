import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../bin/spacelift-slack.js', import.meta.url));

/** The built program as a relay, in a process of its own; killed, it can be started again on the same port. */
export class RelayProcess {
  /** What it said last, when it ended without being told to. */
  readonly crashes: string[] = [];
  /** Errors that it logged and that belong to no request. */
  readonly complaints: string[] = [];
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #public = '127.0.0.1:0';
  #private = '127.0.0.1:0';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#args = args;
    this.#env = env;
  }

  get url(): string {
    return `http://${this.#public}`;
  }

  get adminUrl(): string {
    return `http://${this.#private}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const isPublic = !this.#args.includes('--socket-mode');
    const listen = isPublic ? ['--listen', this.#public] : [];
    const child = spawn(
      process.execPath,
      [launcher, 'serve', ...listen, '--admin-listen', this.#private, ...this.#args],
      {
        env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...this.#env },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      const said: string[] = [];
      createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line);
        if (said.length > 20) said.shift();
        if (line.includes('"level":"error"') && !line.includes('"msg":"request"')) this.complaints.push(line);
        if (!line.includes('"listening"')) return;
        const { public: publicAddress, private: privateAddress } = JSON.parse(line);
        if (isPublic) this.#public = publicAddress;
        this.#private = privateAddress;
        resolve();
      });
      child.once('close', (code) => {
        const last = `the relay ended with ${code}: ${said.join('\n')}`;
        if (child.signalCode !== 'SIGKILL') this.crashes.push(last);
        reject(new Error(last));
      });
    });
  }

  /** Ends it at once, as a crash would, or as a supervisor does. Resolves when it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return gone;
  }
}
