import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readEnvFile, readSettings } from '../../src/environment/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function settings(
  file: string,
  env: Readonly<Record<string, string>> = {},
  envFile?: string | false,
): Promise<Awaited<ReturnType<typeof readSettings>>> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, envFile || '.env'), file);
  return readSettings({ env, cwd, envFile });
}

it('reads .env, and the process environment before it', async () => {
  const { get } = await settings('SLACK_SECRET=file\nSLACK_APP_ID=A1\n', { SLACK_SECRET: 'process' });
  expect(get('SLACK_SECRET')).toEqual({ value: 'process', source: 'environment', overrides: '.env' });
  expect(get('SLACK_APP_ID')).toEqual({ value: 'A1', source: '.env', file: 'env' });
  expect(get('SLACK_CONFIG_TOKEN')).toBeUndefined();
});

it('does not report an override by the same value', async () => {
  const { get } = await settings('SLACK_SECRET=same\n', { SLACK_SECRET: 'same' });
  expect(get('SLACK_SECRET')).toEqual({ value: 'same', source: 'environment' });
});

it('treats an empty value as absent', async () => {
  const { get } = await settings('SLACK_SECRET=file\n', { SLACK_SECRET: '' });
  expect(get('SLACK_SECRET')).toEqual({ value: 'file', source: '.env', file: 'env' });
});

it('reads no file when told so', async () => {
  expect((await settings('SLACK_SECRET=file\n', {}, false)).get('SLACK_SECRET')).toBeUndefined();
});

it('reports a variable that only counts in the process environment', async () => {
  const { ignored } = await settings('SLACK_API_URL=https://evil.example\n', {}, 'other.env');
  expect(ignored).toEqual({ names: ['SLACK_API_URL'], file: 'other.env' });
  expect((await settings('SLACK_SECRET=file\n')).ignored).toBeUndefined();
});

it('needs a file that is named, and not the usual one', async () => {
  const cwd = await temporaryFolder();
  expect(await readSettings({ env: {}, cwd })).toMatchObject({ envFile: '.env', ignored: undefined });
  expect(await readEnvFile('.env', false, { cwd })).toEqual({});
  await expect(readSettings({ env: {}, cwd, envFile: 'prod.env' })).rejects.toMatchObject({
    code: 'env-file-unreadable',
    message: expect.stringContaining('the env file prod.env'),
  });
});

it('fails for a file that is there and cannot be read', async () => {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, '.env'));
  await expect(readSettings({ env: {}, cwd })).rejects.toMatchObject({ code: 'env-file-unreadable' });
  await expect(readEnvFile('.env', false, { cwd })).rejects.toMatchObject({ code: 'env-file-unreadable' });
});

it('finds no variable in what every object has', async () => {
  const { get } = await settings('A=1\n');
  expect(get('SLACK_SECRET')).toBeUndefined();
  expect((await settings('SLACK_API_URL=x\nSLACK_SECRET=\n')).get('SLACK_SECRET')).toBeUndefined();
});
