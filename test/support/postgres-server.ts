import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { accepts, findServerPrograms } from './needs.js';
import { temporaryFolder } from './temporary-folder.ts';
import { closedPort } from './tls-server.ts';

const run = promisify(execFile);
/** PostgreSQL does not run as root; the user nobody exists everywhere. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

export interface PostgresServer {
  readonly port: number;
  /** For its superuser, on 127.0.0.1, without a password. */
  readonly url: string;
  start(): Promise<void>;
  /** Breaks every connection, as a crash does. */
  stop(): Promise<void>;
}

/**
 * A private PostgreSQL server, from the installed programs; it is removed when the test ends.
 *
 * @param files name and content of files in its data folder, which only the server can read
 */
export async function startPostgresServer(
  onEnd: (stop: () => Promise<void>) => void,
  settings: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const programs = findServerPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  const data = join(await temporaryFolder(onEnd), 'data');
  await mkdir(data, { mode: 0o700 });
  await own(join(data, '..'));
  await own(data);
  const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await run(join(programs, 'initdb'), ['-D', data, ...options], { ...nobody, cwd: data });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(data, name), content, { mode: 0o600 });
    await own(join(data, name));
  }

  const port = await closedPort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;
  const stop = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGQUIT');
    await ended;
  };
  const start = async () => {
    const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', ...settings];
    server = spawn(
      join(programs, 'postgres'),
      ['-D', data, '-p', String(port), ...all.flatMap((one) => ['-c', one])],
      { ...nobody, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let log = '';
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-2000);
    });
    const deadline = Date.now() + 60_000;
    while (!(await accepts(url))) {
      if (server.exitCode !== null || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start: ${log}`);
      await setTimeout(50);
    }
  };
  onEnd(stop);
  await start();
  return { port, url, start, stop };
}

async function own(path: string): Promise<void> {
  if (nobody.uid !== undefined) await chown(path, nobody.uid, nobody.gid);
}
