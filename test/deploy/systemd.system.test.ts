import { execFile } from 'node:child_process';
import { chown, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { launcher } from '../support/program.ts';
import { signingSecret } from '../support/serve.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../../deploy/systemd/', import.meta.url));
const unit = 'spacelift-slack.service';

it.each([
  ['the relay', []],
  ['Socket Mode', [`${unit}.d`]],
])('the unit for %s passes systemd-analyze verify, and is hardened to 2.0 or less', async (_, dropIns) => {
  const analyze = await need('systemd-analyze');
  const copy = await temporaryFolder();
  for (const name of [unit, ...dropIns]) {
    await mkdir(join(copy, name.endsWith('.d') ? name : '.'), { recursive: true });
    await cp(join(folder, name), join(copy, name), { recursive: true });
  }
  // It checks that the program exists.
  const path = join(copy, unit);
  for (const file of [path, ...dropIns.map((name) => join(copy, name, 'socket-mode.conf'))]) {
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('/usr/bin/spacelift-slack', launcher));
  }

  const verified = await run(analyze, ['verify', '--man=no', path]);
  expect(verified.stdout + verified.stderr).toBe('');
  const security = await run(analyze, ['security', '--offline=true', '--threshold=20', path]);
  expect(security.stdout).toMatch(/Overall exposure level for spacelift-slack\.service: [01]\.\d/);
});

/** Denied by the filter, but Node starts without them: with the limits that it has, and without protected memory. */
const refused = ['setrlimit', 'setpriority', 'pkey_alloc'];

it('serve makes only the system calls that the unit allows, or works without them', async () => {
  const [strace, analyze] = [await need('strace'), await need('systemd-analyze')];
  await need('root');
  const state = await temporaryFolder();
  const trace = join(state, 'calls');
  await chown(state, 1000, 1000);
  const child = run(
    strace,
    [
      ...[
        '-f',
        '-qq',
        '-o',
        trace,
        '-e',
        `inject=${refused.join()}:error=EPERM`,
        process.execPath,
        '--',
        launcher,
      ],
      ...['serve', '--listen=127.0.0.1:0', '--admin-listen=127.0.0.1:0', `--store=sqlite:${state}/serve.db`],
    ],
    {
      uid: 1000,
      gid: 1000,
      env: { PATH: process.env['PATH'], HOME: state, SLACK_SECRET: signingSecret },
    },
  );
  child.catch(() => undefined);
  let output = '';
  child.child.stderr?.on('data', (text: string) => {
    output += text;
  });
  await expect.poll(() => output).toContain('"listening"');
  const [, admin = ''] = /"private":"([\d.:]+)"/.exec(output) ?? [];
  expect((await fetch(`http://${admin}/readyz`)).status).toBe(200);
  const [, pid] = /^(\d+) /.exec(await readFile(trace, 'utf8')) ?? [];
  process.kill(Number(pid), 'SIGTERM');
  await expect(child).rejects.toMatchObject({ code: 143 });

  const lines = await readFile(trace, 'utf8');
  const calls = [...new Set([...lines.matchAll(/^\d+ +(\w+)\(/gm)].map(([, name = '']) => name))];
  expect(calls).toContain('epoll_ctl');
  const allowed = await callsOf(analyze, ['@system-service']);
  const denied = await callsOf(analyze, ['@privileged', '@resources']);
  const isAllowed = (name: string) => allowed.has(name) && !denied.has(name);
  expect(calls.filter((name) => !isAllowed(name) && !refused.includes(name))).toEqual([]);
});

/** The system calls in some sets of systemd's, and in the sets that these contain. */
async function callsOf(analyze: string, sets: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await run(analyze, ['syscall-filter', ...sets]);
  const names = [...stdout.matchAll(/^ {4}([@\w-]+)$/gm)].map(([, name = '']) => name);
  const nested = names.filter((name) => name.startsWith('@'));
  const inner = nested.length === 0 ? [] : await callsOf(analyze, nested);
  return new Set([...names.filter((name) => !name.startsWith('@')), ...inner]);
}
