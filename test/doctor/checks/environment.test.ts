import { describe, expect, it } from 'vitest';
import type { CheckId } from '../../../src/doctor/catalogue/catalogue.ts';
import type { FileExposure } from '../../../src/environment/file-exposure.ts';
import { secret } from '../given.ts';
import { run } from '../run-check.ts';

const good = {
  clientId: '2833563543.1341693891393',
  clientSecret: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  signingSecret: secret,
};

describe('the check of a variable', () => {
  it.each([
    ['env.client-id', 'the Client ID, from the environment'],
    ['env.client-secret', 'the Client Secret, from .env'],
    ['env.signing-secret', 'the Signing Secret, from .env'],
  ] as const)('%s names what it holds, and where it comes from', async (id, detail) => {
    expect(await run(id)).toEqual({ status: 'pass', detail });
  });

  it('names a file that holds a different value', async () => {
    expect(await run('env.signing-secret', { shadowed: { signingSecret: 'old.env' } })).toEqual({
      status: 'pass',
      detail: 'the Signing Secret, from .env; old.env holds a different value',
    });
    expect(await run('env.client-id', { sources: {} })).toMatchObject({
      detail: 'the Client ID, from elsewhere',
    });
  });

  it.each([
    ['', 'fail', 'SLACK_SECRET is not set'],
    ['short', 'fail', 'SLACK_SECRET is too short: expected at least 16 characters, got 5'],
    [
      '0123456789abcdefx',
      'warn',
      'SLACK_SECRET does not look like a Signing Secret, which is usually 32 digits and letters from a to f',
    ],
  ])('judges the value %j', async (signingSecret, status, detail) => {
    expect(await run('env.signing-secret', { credentials: { ...good, signingSecret } })).toEqual({
      status,
      detail,
      hint: expect.stringMatching(/Signing Secret/),
    });
  });

  it('leaves a mix-up to env.mix-up', async () => {
    const credentials = { ...good, signingSecret: 'xoxb-1-2-abcdefghijklmnop' };
    expect(await run('env.signing-secret', { credentials })).toMatchObject({ status: 'pass' });
    expect(await run('env.mix-up', { credentials })).toEqual({
      status: 'fail',
      detail: 'SLACK_SECRET looks like a bot or user token (xox)',
      hint: expect.stringContaining('Copy the Signing Secret'),
    });
  });
});

describe('a variable that is set under another name', () => {
  const { signingSecret: _, ...credentials } = good;
  const lookAlikes = [{ part: 'signingSecret', name: 'SLACK_SIGNING_SECRET', source: '.env' }] as const;
  const message = 'SLACK_SIGNING_SECRET is set (.env), but Spacelift reads SLACK_SECRET';

  it('is reported by env.mix-up', async () => {
    expect(await run('env.mix-up', { credentials, lookAlikes })).toMatchObject({
      status: 'fail',
      detail: message,
    });
    expect(await run('env.signing-secret', { credentials, lookAlikes })).toEqual({
      status: 'skip',
      detail: 'SLACK_SECRET is not set; env.mix-up names the variable that is',
    });
    expect(await run('env.client-id', { credentials, lookAlikes })).toMatchObject({ status: 'pass' });
  });

  it('is reported by the check of the variable if env.mix-up is not part of the run', async () => {
    const runs = new Set<CheckId>(['env.signing-secret']);
    const another = { part: 'clientId', name: 'SLACK_CLIENT_ID', source: '.env' } as const;
    expect(
      await run('env.signing-secret', { credentials, lookAlikes: [another, ...lookAlikes], runs }),
    ).toMatchObject({
      status: 'fail',
      detail: message,
    });
  });
});

describe('env.mix-up', () => {
  it('passes if each value looks like its own', async () => {
    expect(await run('env.mix-up')).toEqual({
      status: 'pass',
      detail: 'no value looks like that of another variable',
    });
  });

  it('has nothing to judge if nothing is set', async () => {
    expect(await run('env.mix-up', { credentials: {} })).toEqual({
      status: 'skip',
      detail: 'no value is set',
    });
    const lookAlikes = [{ part: 'clientId', name: 'SLACK_CLIENT_ID', source: '.env' }] as const;
    expect(await run('env.mix-up', { credentials: {}, lookAlikes })).toMatchObject({ status: 'fail' });
  });

  it('names every mistake, and each hint once', async () => {
    const token = 'xoxb-1-2-abcdefghijklmnop';
    const clientId = `"${good.clientId}"`;
    const signingSecret = `"${secret}"`;
    expect(
      await run('env.mix-up', { credentials: { clientId, clientSecret: token, signingSecret } }),
    ).toEqual({
      status: 'fail',
      detail:
        'SLACK_APP_CLIENT_ID has quotes that became part of the value; SLACK_APP_CLIENT_SECRET looks like a bot or user token (xox); SLACK_SECRET has quotes that became part of the value',
      hint: expect.stringMatching(/^(?!.*quotes:.*quotes:).*Remove the quotes: .*\. Copy the Client Secret/),
    });
  });

  it('warns about an unusual shape, unless something is certainly wrong', async () => {
    const signingSecret = 'Gd7a3kX0pQ2mN8vB5cZ1tR4w';
    expect(await run('env.mix-up', { credentials: { ...good, signingSecret } })).toMatchObject({
      status: 'warn',
      detail: 'SLACK_SECRET looks like the Verification Token',
    });
    expect(
      await run('env.mix-up', { credentials: { ...good, clientId: 'A0123456789', signingSecret } }),
    ).toMatchObject({ status: 'fail', detail: 'SLACK_APP_CLIENT_ID looks like an App ID' });
  });
});

describe('the checks of the env file', () => {
  const file = (exposure: FileExposure | undefined) => ({ envFile: { name: 'prod.env', exposure } });

  it('skip if no value comes from one', async () => {
    for (const id of ['env.file-mode', 'env.file-tracked'] as const) {
      expect(await run(id)).toEqual({ status: 'skip', detail: 'no value comes from an env file' });
    }
  });

  it('skip if it is a pipe or a device', async () => {
    for (const id of ['env.file-mode', 'env.file-tracked'] as const) {
      expect(await run(id, file(undefined))).toEqual({
        status: 'skip',
        detail: 'prod.env is a pipe or a device: its content is not stored on disk',
      });
    }
  });

  it.each<[FileExposure, string, RegExp]>([
    [{ mode: 0o600, git: { state: 'tracked' } }, 'pass', /^only its owner can read prod\.env$/],
    [{ mode: 0o644, git: { state: 'tracked' } }, 'warn', /can be read by other users/],
    [{ mode: 0o644, git: { state: 'outside' } }, 'warn', /can be read by other users/],
    [{ mode: 0o600, git: { state: 'unknown', reason: 'x' } }, 'pass', /^only its owner can read prod\.env$/],
    [{ git: { state: 'tracked' } }, 'skip', /^this platform has no file modes$/],
  ])('judge the mode of %j', async (exposure, status, detail) => {
    expect(await run('env.file-mode', file(exposure))).toMatchObject({
      status,
      detail: expect.stringMatching(detail),
    });
  });

  it.each<[FileExposure, string, RegExp]>([
    [{ mode: 0o644, git: { state: 'ignored' } }, 'pass', /^git ignores prod\.env$/],
    [{ mode: 0o644, git: { state: 'outside' } }, 'pass', /^prod\.env is in no git repository$/],
    [{ git: { state: 'tracked' } }, 'warn', /is tracked by git/],
    [{ git: { state: 'uncovered' } }, 'warn', /^no \.gitignore covers prod\.env/],
    [
      { git: { state: 'unknown', reason: 'git could not be run here' } },
      'skip',
      /^git: git could not be run here$/,
    ],
    [
      { git: { state: 'unknown', reason: 'fatal: dubious ownership: ##[error]\u001b[31m' } },
      'skip',
      /^git: fatal: dubious ownership: ## \[error\]\\u001b\[31m$/,
    ],
  ])('judge git: %j', async (exposure, status, detail) => {
    expect(await run('env.file-tracked', file(exposure))).toMatchObject({
      status,
      detail: expect.stringMatching(detail),
    });
  });
});
