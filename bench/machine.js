// What a figure depends on: the machine, and the versions of the peers.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The machine, and by name the version of each program that takes part. */
export async function describeMachine() {
  const [first] = cpus();
  const { stdout: disk } = await run('stat', ['--file-system', '--format', '%T', tmpdir()]);
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release().split('-')[0],
    disk: disk.trim(),
    /** Of the last minute. */
    load: loadavg()[0],
    node: process.version,
    programs: {
      '@slack/bolt': await packageVersion('@slack/bolt'),
      nginx: await version('nginx', ['-v'], /nginx\/(\S+)/),
      HAProxy: await version('haproxy', ['-v'], /version (\d[\d.]*)/),
      PostgreSQL: await version('psql', ['--version'], /(\d+(?:\.\d+)+)/),
    },
  };
}

async function packageVersion(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')).version;
}

async function version(program, args, pattern) {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const { stdout, stderr } = await run(program, args, { env }).catch((error) => error);
  const found = pattern.exec(`${stdout}${stderr}`)?.[1];
  if (found === undefined) throw new Error(`${program} is missing, or prints no version`);
  return found;
}
