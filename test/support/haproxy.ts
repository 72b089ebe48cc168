import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import type { ServeProcess } from './serve-process.ts';
import { closedPort } from './tls-server.ts';

export interface Haproxy {
  readonly url: string;
  /** Sends new requests to the other replicas, as Kubernetes does during `preStop`; resolves when it has none there. */
  drain(replica: ServeProcess): Promise<void>;
  /** Sends requests to a replica again; resolves when its health check has succeeded. */
  use(replica: ServeProcess): Promise<void>;
}

/**
 * haproxy in front of replicas, which it checks by `/readyz`; it ends with the test.
 *
 * @param program its path
 */
export async function startHaproxy(program: string, replicas: readonly ServeProcess[]): Promise<Haproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-haproxy-'));
  const port = await closedPort();
  const control = join(folder, 'control');
  const name = (replica: ServeProcess) => `replica${replicas.indexOf(replica)}`;
  const servers = replicas.map((replica) => {
    const [open, admin] = [new URL(replica.url), new URL(replica.adminUrl)];
    return `  server ${name(replica)} ${open.host} check port ${admin.port} inter 200ms rise 1 fall 3`;
  });
  await writeFile(
    join(folder, 'haproxy.cfg'),
    `global
  stats socket ${control} level admin
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout check 30s
  retries 3
  option redispatch
frontend slack
  bind 127.0.0.1:${port}
  default_backend replicas
backend replicas
  balance roundrobin
  option httpchk GET /readyz
${servers.join('\n')}
`,
  );
  const child = spawn(program, ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });

  async function run(command: string): Promise<string> {
    const socket = connect(control);
    socket.end(`${command}\n`);
    return text(socket);
  }

  /** The columns of a replica in `show stat`, by name. */
  async function statistics(replica: ServeProcess): Promise<Readonly<Record<string, string>>> {
    const [head = '', ...rows] = (await run('show stat').catch(() => '')).split('\n');
    const row = rows.find((each) => each.startsWith(`replicas,${name(replica)},`)) ?? '';
    const values = row.split(',');
    return Object.fromEntries(head.split(',').map((column, index) => [column, values[index] ?? '']));
  }

  const isUp = async (replica: ServeProcess) =>
    expect.poll(() => statistics(replica), { timeout: 60_000 }).toMatchObject({ status: 'UP' });
  await Promise.all(replicas.map(isUp));
  return {
    url: `http://127.0.0.1:${port}`,
    async drain(replica) {
      await run(`set server replicas/${name(replica)} state drain`);
      await expect.poll(() => statistics(replica), { timeout: 60_000 }).toMatchObject({ scur: '0' });
    },
    async use(replica) {
      await run(`set server replicas/${name(replica)} state ready`);
      await isUp(replica);
    },
  };
}
