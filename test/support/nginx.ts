import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Identity } from './certificate-authority.ts';
import { closedPort } from './tls-server.ts';

export interface NginxOptions {
  readonly program: string;
  readonly identity: Identity;
  /** The directives of the server's `location /`. */
  readonly location: string;
  /** Directives of the `server` block, and of the `http` block around it. */
  readonly server?: string;
  readonly http?: string;
  readonly onFinished?: typeof onTestFinished;
}

/** nginx with TLS on a port of 127.0.0.1, for one test. */
export async function startNginx(options: NginxOptions): Promise<number> {
  const { program, identity, location, server = '', http = '', onFinished = onTestFinished } = options;
  const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-nginx-'));
  const port = await closedPort();
  await writeFile(join(folder, 'chain.pem'), identity.fullChain);
  await writeFile(join(folder, 'key.pem'), identity.key);
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr warn; events {}
http {
  access_log off;
  ${http}
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/chain.pem; ssl_certificate_key ${folder}/key.pem;
    ${server}
    location / { ${location} }
  }
}`,
  );
  const child = spawn(program, ['-p', folder, '-c', 'nginx.conf'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  const deadline = Date.now() + 60_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`nginx does not start: ${log}`);
    await setTimeout(50);
  }
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
