import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { need } from './need.ts';
import { accepts } from './needs.js';
import { asNobody, giveToNobody } from './nobody.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { closedPort } from './tls-server.ts';

/**
 * PgBouncer on a port of 127.0.0.1, for one test. It lets everybody in.
 *
 * @param config the content of pgbouncer.ini, which ends within its section `pgbouncer`
 * @param user a role that may connect
 * @param database one that the configuration names
 * @returns its port
 */
export async function startPgBouncer(config: string, user: string, database: string): Promise<number> {
  const program = await need('pgbouncer');
  const folder = await temporaryFolder();
  const port = await closedPort();
  await writeFile(join(folder, 'users.txt'), `"${user}" ""\n`);
  await writeFile(
    join(folder, 'pgbouncer.ini'),
    `${config}
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = users.txt
`,
  );
  await giveToNobody(folder);
  const child = spawn(program, ['pgbouncer.ini'], {
    ...asNobody,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-2000);
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  const deadline = Date.now() + 60_000;
  while (!(await accepts(`postgres://${user}@127.0.0.1:${port}/${database}`))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`PgBouncer did not start: ${log}`);
    await setTimeout(50);
  }
  return port;
}
