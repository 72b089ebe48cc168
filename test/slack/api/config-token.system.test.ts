import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type GivenTokens, obtainConfigToken } from '../../../src/slack/api/config-token.ts';
import { createSlackApi } from '../../../src/slack/api/web-api.ts';
import type { UserError } from '../../../src/user-error.ts';
import { localSlack, type Step } from '../../support/local-slack.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const now = () => Math.floor(Date.now() / 1000);

async function setUp(...steps: readonly Step[]) {
  const slack = await localSlack({ steps: { 'tooling.tokens.rotate': steps } });
  const folder = await temporaryFolder();
  const file = join(folder, 'state', 'tokens.json');
  const rescue = join(folder, 'rescue');
  const obtain = (given: Partial<GivenTokens>, at = now(), rescueFolders = [rescue]) =>
    obtainConfigToken(
      { accessToken: undefined, refreshToken: undefined, ...given },
      { api: createSlackApi({ url: slack.url, env: {} }), store: { file, rescueFolders }, now: at },
    );
  const failure = (given: Partial<GivenTokens>, rescueFolders?: string[]): Promise<UserError> =>
    obtain(given, now(), rescueFolders).then(
      () => Promise.reject(new Error('it succeeded')),
      (error) => error,
    );
  return { slack, file, rescue, obtain, failure, refreshToken: slack.workspace.refreshToken };
}

it('uses a given access token unchanged', async () => {
  const { slack, obtain } = await setUp();
  expect(await obtain({ accessToken: ` ${slack.workspace.configToken}\n` })).toBe(
    slack.workspace.configToken,
  );
  expect(slack.requests).toEqual([]);
});

it('rotates once and uses the stored pair afterwards, which only its owner can read', async () => {
  const { slack, file, obtain, refreshToken } = await setUp();
  const token = await obtain({ refreshToken });
  expect(slack.workspace.configTokens.get(token)).toBe('valid');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const kept = await readFile(file, 'utf8');
  expect(kept).toContain(slack.workspace.refreshToken);
  expect(kept).not.toContain(refreshToken);

  expect(await obtain({ refreshToken })).toBe(token);
  expect(await obtain({})).toBe(token);
  expect(await obtain({ refreshToken: slack.workspace.refreshToken })).toBe(token);
  expect(slack.requests).toHaveLength(1);

  const later = await obtain({ refreshToken }, now() + 43_000);
  expect(later).not.toBe(token);
  expect(await obtain({ refreshToken })).toBe(later);
  expect(slack.requests).toHaveLength(2);
});

it('stores a pair for each refresh token', async () => {
  const { slack, obtain, refreshToken, failure } = await setUp();
  const first = await obtain({ refreshToken });
  slack.workspace.refreshToken = 'xoxe-1-other';
  const second = await obtain({ refreshToken: 'xoxe-1-other' });
  expect(await obtain({ refreshToken })).toBe(first);
  expect(await obtain({ refreshToken: 'xoxe-1-other' })).toBe(second);
  expect(await failure({})).toMatchObject({ code: 'config-token-missing' });
});

it('rotates once for two concurrent runs, and both get the token', async () => {
  const { slack, obtain, refreshToken } = await setUp({ after: () => setTimeout(300) });
  const [first, second] = await Promise.all([obtain({ refreshToken }), obtain({ refreshToken })]);
  expect(first).toBe(second);
  expect(slack.requests).toHaveLength(1);
});

it.each<[string, Partial<GivenTokens>, string, string]>([
  ['a refresh token', { accessToken: 'xoxe-1-a' }, 'is a refresh token', 'SLACK_CONFIG_REFRESH_TOKEN'],
  ['a bot token', { accessToken: 'xoxb-1' }, 'SLACK_CONFIG_TOKEN is a bot token', 'xoxe.xoxp-'],
  ['a rotating bot token', { accessToken: 'xoxe.xoxb-1-a' }, 'is a bot token', 'xoxe.xoxp-'],
  ['a user token', { accessToken: 'xoxp-1' }, 'is a user token', 'xoxe.xoxp-'],
  ['an app token', { accessToken: 'xapp-1' }, 'is an app-level token', 'xoxe.xoxp-'],
  ['a secret', { accessToken: 'f00d' }, 'is not a configuration access token', 'xoxe.xoxp-'],
  [
    'a line break',
    { accessToken: 'xoxe.xoxp-1-a\nb' },
    'contains a space, a line break',
    'Copy the whole token again',
  ],
  ['a blank', { accessToken: 'xoxe.xoxp-1-a b' }, 'contains a space', 'Copy the whole token again'],
  [
    'a letter of another alphabet',
    { accessToken: 'xoxe.xoxp-1-\u0430' },
    'no token has',
    'Copy the whole token again',
  ],
  [
    'a torn refresh token',
    { refreshToken: 'xoxe-1-a\rb' },
    'REFRESH_TOKEN contains',
    'Copy the whole token again',
  ],
  ['an access token', { refreshToken: 'xoxe.xoxp-1-a' }, 'is a configuration access token', 'xoxe-1-'],
])('reports %s in the wrong place and never shows it', async (_, given, message, hint) => {
  const { slack, failure } = await setUp();
  const error = await failure(given);
  expect(error).toMatchObject({ code: 'config-token-wrong-kind', exitCode: 2 });
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
  expect(error.message + error.hint).not.toContain(given.accessToken ?? given.refreshToken);
  expect(slack.requests).toEqual([]);
});

it('says where to get a token if none is given, and writes nothing', async () => {
  const { file, failure } = await setUp();
  expect(await failure({})).toMatchObject({ code: 'config-token-missing', exitCode: 2 });
  await expect(stat(join(file, '..'))).rejects.toThrow('ENOENT');
});

it('reports a refresh token that was used before', async () => {
  const { failure } = await setUp();
  expect(await failure({ refreshToken: 'xoxe-1-old' })).toMatchObject({
    code: 'slack-invalid-refresh-token',
    exitCode: 3,
  });
});

it('warns that the refresh token may have been used if the response is lost', async () => {
  const { failure, refreshToken } = await setUp({ cut: 'after' });
  const error = await failure({ refreshToken });
  expect(error.code).toBe('slack-unreachable');
  expect(error.message).toContain('may have been used');
});

it('does not use the old token if the new one cannot be stored', async () => {
  const { slack, file, failure, refreshToken } = await setUp();
  await failure({ refreshToken: 'xoxe-1-old' });
  await writeFile(file, 'not json');
  expect(await failure({ refreshToken })).toMatchObject({ code: 'token-store-unreadable' });
  expect(slack.workspace.refreshToken).toBe(refreshToken);
});

it('takes over the lock of a killed process', async () => {
  const { file, obtain, refreshToken } = await setUp();
  const token = await obtain({ refreshToken });
  await mkdir(`${file}.lock`);
  await utimes(`${file}.lock`, new Date(0), new Date(0));
  expect(await obtain({ refreshToken })).toBe(token);
  expect(await readdir(join(file, '..'))).toEqual(['tokens.json']);
});

it.each([
  ['in another folder', true],
  ['nowhere', false],
])('saves a new pair %s if the store fails at the last moment', async (_, rescued) => {
  const { slack, file, rescue, failure, refreshToken } = await setUp();
  // The store's folder goes away while Slack answers: what was rehearsed a moment ago fails now.
  slack.next('tooling.tokens.rotate', {
    after: async () => {
      await rm(join(file, '..'), { recursive: true });
      await writeFile(join(file, '..'), '');
    },
  });
  const error = await failure({ refreshToken }, rescued ? [rescue] : []);
  expect(error.code).toBe('token-store-unwritable');
  if (!rescued) return expect(error.message).toContain('lost');
  const [name = ''] = await readdir(rescue);
  expect(error.message).toContain(join(rescue, name));
  expect((await stat(join(rescue, name))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(rescue, name), 'utf8')).toContain(slack.workspace.refreshToken);
});
