import { execFileSync } from 'node:child_process';
import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { need } from '../support/need.ts';
import { eventBody, post } from '../support/serve.ts';
import { startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const mebibyte = 1024 * 1024;

it('a queue of small events reaches its limit in bytes before a disk of twice that size is full', async () => {
  await need('root');
  await need('mount');
  const folder = await temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${2 * mebibyte},mode=0700`, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
  const file = join(folder, 'serve.db');
  // Port 9 is closed: events wait.
  const serve = await startServe([
    ...['--upstream=http://127.0.0.1:9', `--store=sqlite:${file}`, '--queue-limit=1MiB', '--log-format=json'],
  ]);

  let sent = 0;
  let refused = 0;
  const send = async () => {
    while (refused === 0 && sent < 5000) {
      const { status } = await post(serve.url, eventBody(`Ev${sent++}`));
      if (status !== 200) refused += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));

  // A line is written after its response.
  const outcomes = () => new Set(serve.output().match(/(?<="outcome":")[\w-]+(?=")/g));
  await expect.poll(outcomes).toEqual(new Set(['stored', 'queue-full']));
  const { bavail, bsize } = await statfs(folder);
  expect(bavail * bsize).toBeGreaterThan(0);
  expect((await stat(file)).size).toBeGreaterThan(mebibyte);
  expect((await fetch(`${serve.adminUrl}/readyz`)).status).toBe(200);
});
