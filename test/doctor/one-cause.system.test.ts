import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dnsServer } from '../support/dns-server.ts';
import { createScene, endsBut, examineAt, find, host, type Scene } from '../support/examination.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { closedPort, httpsServer } from '../support/tls-server.ts';

// One cause gives one failure, whatever it stops from working behind it.

async function deploy(scene: Scene) {
  const { authority, signingSecret } = scene;
  return httpsServer(await authority.issue({ names: [host] }), slackEndpoint({ signingSecret }), scene);
}

const writeEnv = (scene: Scene, values: Readonly<Record<string, string>>) =>
  writeFile(
    join(scene.cwd, '.env'),
    Object.entries({
      SLACK_APP_CLIENT_ID: scene.clientId,
      SLACK_APP_CLIENT_SECRET: scene.clientSecret,
      ...values,
    })
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
    { mode: 0o600 },
  );

describe('a value that was mistaken for another', () => {
  it('fails once if it is set under a name that Spacelift does not read, and says to rename it', async () => {
    const scene = await createScene(onTestFinished);
    await writeEnv(scene, { SLACK_SIGNING_SECRET: scene.signingSecret });
    const { ids, report } = await examineAt(scene, await deploy(scene));
    expect(endsBut({}, ids)).toMatchObject({ fail: ['env.mix-up'], warn: [] });
    const { detail, hint } = find(report, 'env.mix-up');
    expect(detail).toMatch(/SLACK_SIGNING_SECRET is set .*Spacelift reads SLACK_SECRET/);
    expect(hint).toMatch(/^Rename it to SLACK_SECRET/);
  });

  it('fails once under another name if only the variable itself is checked', async () => {
    const scene = await createScene(onTestFinished);
    await writeEnv(scene, { SLACK_SIGNING_SECRET: scene.signingSecret });
    const { report } = await examineAt(scene, 1, ['--only', 'env.signing-secret']);
    expect(find(report, 'env.signing-secret')).toMatchObject({
      status: 'fail',
      hint: expect.stringMatching(/^Rename it to SLACK_SECRET/),
    });
  });

  it.each([
    ['a bot token', 'SLACK_SECRET', 'xoxb-1234567890-abcdefghijkl'],
    ['quotes that were copied along', 'SLACK_SECRET', `"'${'0b'.repeat(16)}'"`],
    ['a bot token', 'SLACK_APP_CLIENT_SECRET', 'xoxb-1234567890-abcdefghijkl'],
    ['an App ID', 'SLACK_APP_CLIENT_ID', 'A0123456789'],
  ])('fails once, and nothing behind it is tried: %s in %s', async (_, name, value) => {
    const scene = await createScene(onTestFinished);
    await writeEnv(scene, { SLACK_SECRET: scene.signingSecret, [name]: value });
    const { ids } = await examineAt(scene, await deploy(scene));
    expect(endsBut({}, ids)).toMatchObject({ fail: ['env.mix-up'], warn: [] });
  });

  it('fails once if both secrets are the same', async () => {
    const scene = await createScene(onTestFinished);
    await writeEnv(scene, { SLACK_SECRET: scene.clientSecret });
    const { ids } = await examineAt(scene, await deploy(scene));
    expect(ids.fail).toEqual(['env.mix-up']);
  });

  it('fails the check that needs it if the environment is not checked', async () => {
    const scene = await createScene(onTestFinished);
    await writeEnv(scene, { SLACK_SECRET: 'xoxb-1234567890-abcdefghijkl' });
    const { ids, report } = await examineAt(scene, await deploy(scene), ['--skip', 'environment']);
    expect(ids.fail).toEqual(['signature.challenge']);
    expect(find(report, 'signature.challenge').detail).toMatch(/SLACK_SECRET looks like a bot or user token/);
  });

  it('ends --wait at once', async () => {
    const scene = await createScene(onTestFinished);
    await writeEnv(scene, { SLACK_SECRET: 'xoxb-1234567890-abcdefghijkl' });
    const { stderr, code } = await examineAt(scene, await deploy(scene), ['--wait', '10m']);
    expect(code).toBe(1);
    expect(stderr).not.toContain('env.mix-up:');
  });

  it('ends --wait at once if Slack rejects it', async () => {
    const scene = await createScene(onTestFinished);
    await writeEnv(scene, { SLACK_APP_CLIENT_SECRET: '0f'.repeat(16), SLACK_SECRET: scene.signingSecret });
    const { ids, code } = await examineAt(scene, await deploy(scene), ['--wait', '10m']);
    expect(ids.fail).toEqual(['slack.credentials']);
    expect(code).toBe(1);
  });
});

describe('a machine without DNS or network', () => {
  it.each([
    ['SERVFAIL', 'SERVFAIL'],
    ['silence', 'silence'],
  ] as const)('fails once and blames this machine: %s for every name', async (_, records) => {
    const scene = await createScene(onTestFinished);
    const dns = await dnsServer({ [host]: records, 'slack.com': records });
    const nowhere = `http://127.0.0.1:${await closedPort()}`;
    const args = ['--dns', dns, '--slack-api-url', nowhere];
    const { ids, report } = await examineAt(scene, [], args);
    expect({ fail: ids.fail, warn: ids.warn }).toEqual({ fail: ['dns.resolves'], warn: [] });
    expect(find(report, 'dns.resolves').detail).toMatch(
      /neither spacelift\.example\.com nor slack\.com can be looked up .*this machine is at fault/,
    );
    expect(find(report, 'slack.reachable')).toMatchObject({
      status: 'skip',
      detail: 'not known: see dns.resolves',
    });
  });

  it('says that a resolver knows no public names', async () => {
    const scene = await createScene(onTestFinished);
    const { report } = await examineAt(scene, ['--dns', await dnsServer({})], ['--only', 'dns']);
    expect(find(report, 'dns.resolves').detail).toMatch(
      /neither does slack\.com: this resolver does not know/,
    );
  });

  it('blames the name if slack.com resolves', async () => {
    const scene = await createScene(onTestFinished);
    const dns = await dnsServer({ 'slack.com': ['3.3.3.3'] });
    const { ids, report } = await examineAt(scene, ['--dns', dns]);
    expect(ids.fail).toEqual(['dns.resolves']);
    expect(find(report, 'dns.resolves')).toMatchObject({
      detail: `${host} does not exist in DNS`,
      hint: expect.stringContaining('Create its A record'),
    });
  });
});

describe('a part of the checks', () => {
  it.each(['signature', 'endpoint', 'tls', 'oauth.reachable', 'signature.rejects-forged,clock'])(
    'fails once for a name that does not resolve: %s',
    async (only) => {
      const scene = await createScene(onTestFinished);
      const dns = await dnsServer({ 'slack.com': ['3.3.3.3'] });
      const { ids, report, code } = await examineAt(scene, ['--dns', dns], ['--only', only]);
      expect(ids.fail).toHaveLength(1);
      const [failed] = ids.fail;
      if (failed) expect(find(report, failed).detail).toBe(`${host} does not exist in DNS`);
      expect(code).toBe(1);
    },
  );

  it('fails once for a closed port, also without a signing secret', async () => {
    const scene = await createScene(onTestFinished);
    const args = ['--only', 'signature'];
    expect((await examineAt(scene, await closedPort(), args)).ids.fail).toEqual(['signature.challenge']);
    await rm(join(scene.cwd, '.env'));
    expect((await examineAt(scene, await closedPort(), args)).ids.fail).toEqual(['signature.challenge']);
  });
});

describe('where a value comes from', () => {
  it('is part of the check of each variable', async () => {
    const scene = await createScene(onTestFinished);
    const env = { SLACK_APP_CLIENT_ID: scene.clientId, SLACK_SECRET: '0e'.repeat(16) };
    const { report } = await examineAt(scene, 1, ['--only', 'environment'], env);
    expect(find(report, 'env.client-id').detail).toBe('the Client ID, from the environment');
    expect(find(report, 'env.client-secret').detail).toBe('the Client Secret, from .env');
    expect(find(report, 'env.signing-secret').detail).toBe(
      'the Signing Secret, from the environment; .env holds a different value',
    );
  });

  it('is named if the deployment does not verify with it', async () => {
    const scene = await createScene(onTestFinished);
    const { report } = await examineAt(scene, await deploy(scene), [], { SLACK_SECRET: '0e'.repeat(16) });
    expect(find(report, 'signature.challenge').detail).toMatch(
      /SLACK_SECRET here is not what the deployment verifies with \(\.env holds a different value\)/,
    );
  });
});
