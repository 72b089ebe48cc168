import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { launcher } from '../support/program.ts';

/** Prints the address of each module that comes from a package. */
const reporter = `
  export async function resolve(specifier, context, next) {
    const resolved = await next(specifier, context);
    if (resolved.url.includes('/node_modules/')) process._rawDebug(resolved.url);
    return resolved;
  }`;
const register = `
  import { register } from 'node:module';
  register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(reporter)}`)});`;

function packagesLoadedBy(...args: string[]) {
  const hook = `data:text/javascript,${encodeURIComponent(register)}`;
  return spawnSync(process.execPath, ['--import', hook, '--', launcher, ...args], { encoding: 'utf8' });
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
])('shows the help of "%s" without loading a package', (command) => {
  const { status, stdout, stderr } = packagesLoadedBy(...command.split(' '), '--help');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`Usage: spacelift-slack ${command}`);
});

it.each([
  ['a manifest for a domain', ['manifest', '--domain', 'spacelift.example.com']],
  ['the checks of doctor', ['doctor', '--list']],
  ['the completion script', ['completion', 'bash']],
])('prints %s without loading a package', (_, args) => {
  const { status, stderr } = packagesLoadedBy(...args);
  expect([status, stderr]).toEqual([0, '']);
});

it('loads a package where one is needed: the sensor works', () => {
  const { stderr } = packagesLoadedBy('manifest', 'validate', 'templates/slack-app-manifest.json');
  expect(stderr).toContain('/node_modules/@humanwhocodes/momoa/');
});
