// A server that is measured: started alone on core 0, loaded until its first 200, and read through /proc.
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { command } from './requests.js';
import { benchSecret } from './shared.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const startLimit = 20_000;

/** @returns its process, and how many milliseconds passed until its first 200 */
export async function startServer(args, port) {
  const began = performance.now();
  const child = spawn('taskset', ['-c', '0', process.execPath, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, SLACK_SECRET: benchSecret, PORT: String(port), NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  while (!(await answers200(port))) {
    if (child.exitCode !== null || performance.now() - began > startLimit) {
      child.kill('SIGKILL');
      throw new Error(`${args.join(' ')} did not start`);
    }
    await setTimeout(2);
  }
  return { child, milliseconds: performance.now() - began };
}

/** Ends a server, and waits until its port is free. */
export async function endServer(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

function answers200(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(command()));
    socket.on('data', (data) => {
      resolve(data.toString('latin1').startsWith('HTTP/1.1 200'));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
}

/** What the threads of a process have used of their core, in seconds: other work on the machine does not count. */
export async function cpuSeconds(pid) {
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0')),
  );
  return stats.reduce((sum, stat) => sum + Number(stat.split(' ')[0]), 0) / 1e9;
}

/** The memory that a process holds, in MB. */
export async function memory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
