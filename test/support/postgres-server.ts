import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { accepts, findServerPrograms } from './needs.js';
import { asNobody, giveToNobody } from './nobody.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { closedPort } from './tls-server.ts';

const run = promisify(execFile);

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
  const data = await makeDataFolder(onEnd);
  const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await runProgram('initdb', ['-D', data, ...options], data);
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(data, name), content, { mode: 0o600 });
    await giveToNobody(join(data, name));
  }
  return startOn(data, settings, onEnd);
}

/** A hot standby, which follows the primary; `select pg_promote()` makes it a primary. */
export async function startStandby(
  onEnd: (stop: () => Promise<void>) => void,
  primary: PostgresServer,
): Promise<PostgresServer> {
  const data = await makeDataFolder(onEnd);
  const options = ['--write-recovery-conf', '--checkpoint=fast', '--no-sync'];
  await runProgram('pg_basebackup', ['-D', data, '-d', primary.url, ...options], data);
  return startOn(data, [], onEnd);
}

async function makeDataFolder(onEnd: (remove: () => Promise<void>) => void): Promise<string> {
  const data = join(await temporaryFolder(onEnd), 'data');
  await mkdir(data, { mode: 0o700 });
  await giveToNobody(join(data, '..'));
  await giveToNobody(data);
  return data;
}

function findProgram(name: string): string {
  const programs = findServerPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  return join(programs, name);
}

function runProgram(name: string, args: readonly string[], cwd: string) {
  return run(findProgram(name), args, { ...asNobody, cwd });
}

async function startOn(
  data: string,
  settings: readonly string[],
  onEnd: (stop: () => Promise<void>) => void,
): Promise<PostgresServer> {
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
      findProgram('postgres'),
      ['-D', data, '-p', String(port), ...all.flatMap((one) => ['-c', one])],
      { ...asNobody, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] },
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
