import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launcher } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Prints how many files of the program were loaded, and their bytes. */
const reporter = `
  process.on('exit', () => {
    const { statSync } = require('node:fs');
    const files = Object.keys(require.cache).filter((file) => /[\\\\/]dist[\\\\/]/.test(file));
    process._rawDebug(JSON.stringify([files.length, files.reduce((sum, file) => sum + statSync(file).size, 0)]));
  });`;

/** What a start may load that only defines commands; `serve` with all that it runs is over 1,000 kB. */
const most = { files: 10, bytes: 190_000 };

let sensor: string;
beforeAll(async () => {
  sensor = join(await temporaryFolder(afterAll), 'sensor.cjs');
  await writeFile(sensor, reporter);
});

function start(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', sensor, '--', launcher, ...args],
    { encoding: 'utf8' },
  );
  const [files, bytes] = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as [number, number];
  return { status, stdout, files, bytes };
}

it.each([
  'manifest',
  'manifest validate',
  'manifest diff',
  'env',
  'doctor',
  'serve',
  'serve events list',
  'trigger',
  'init',
  'app',
  'app create',
  'explain',
  'completion',
])('shows the help of "%s" without loading what it runs', (command) => {
  const { status, stdout, files, bytes } = start(...command.split(' '), '--help');
  expect(status).toBe(0);
  expect(stdout).toContain(`Usage: spacelift-slack ${command}`);
  expect(files).toBeLessThanOrEqual(most.files);
  expect(bytes).toBeLessThan(most.bytes);
});

it.each([
  ['a manifest for a domain', ['manifest', '--domain', 'spacelift.example.com']],
  ['the checks of doctor', ['doctor', '--list']],
  ['the completion script', ['completion', 'bash']],
])('prints %s from few files', (_, args) => {
  const { status, files, bytes } = start(...args);
  expect(status).toBe(0);
  expect(files).toBeLessThanOrEqual(most.files);
  expect(bytes).toBeLessThan(most.bytes);
});

it('loads more where more is needed: the sensor works', () => {
  // It has findings: the template names no domain.
  const { status, bytes } = start('manifest', 'validate', 'templates/slack-app-manifest.json');
  expect(status).toBe(1);
  expect(bytes).toBeGreaterThan(most.bytes);
});
