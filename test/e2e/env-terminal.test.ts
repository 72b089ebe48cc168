import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { answer } from '../support/answer-question.ts';
import { localSlack } from '../support/local-slack.ts';
import { launcher } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { closedPort } from '../support/tls-server.ts';
import { openTerminal } from '../support/tmux.ts';

const program = `${process.execPath} ${launcher}`;
const values = {
  SLACK_APP_CLIENT_ID: '2833563543.1341693891393',
  SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5',
};

describe('env on a terminal', () => {
  it('masks the secrets, and not the client id, unless told to reveal them', async () => {
    const cwd = await temporaryFolder();
    const masked = await openTerminal(`${program} env --format json`, { cwd, env: values });
    const screen = await masked.waitFor('Connect under Integrations');
    expect(screen).toContain('"SLACK_SECRET": "********"');
    expect(screen).toContain('--reveal');
    expect(screen).toContain(values.SLACK_APP_CLIENT_ID);
    for (const secret of [values.SLACK_APP_CLIENT_SECRET, values.SLACK_SECRET]) {
      expect(screen).not.toContain(secret);
    }

    const revealed = await openTerminal(`${program} env --format json --reveal`, { cwd, env: values });
    const whole = await revealed.waitFor('Connect under Integrations');
    for (const value of Object.values(values)) expect(whole).toContain(value);
  });

  it('asks for what is missing, the secrets masked, and refuses a mix-up on the spot', async () => {
    const cwd = await temporaryFolder();
    const slack = await localSlack();
    const env = { SLACK_API_URL: slack.url };
    const window = await openTerminal(`${program} env --write`, { cwd, env });
    await window.waitFor('Client ID (SLACK_APP_CLIENT_ID)');
    await window.type(values.SLACK_APP_CLIENT_ID);
    await window.waitFor(values.SLACK_APP_CLIENT_ID);
    await window.press('Enter');
    await window.waitFor('Client Secret (SLACK_APP_CLIENT_SECRET)');
    await window.type('xoxb-hush');
    await window.press('Enter');
    await window.waitFor('looks like a bot or user token');
    for (let count = 0; count < 'xoxb-hush'.length; count += 1) await window.press('BSpace');
    await window.type(values.SLACK_APP_CLIENT_SECRET);
    await window.press('Enter');
    await window.waitFor('Signing Secret (SLACK_SECRET)');
    await window.type(values.SLACK_SECRET);
    await window.press('Enter');
    const screen = await window.waitFor('Connect under Integrations');
    for (const secret of [values.SLACK_APP_CLIENT_SECRET, values.SLACK_SECRET, 'hush']) {
      expect(screen).not.toContain(secret);
    }
    expect(parse(await readFile(join(cwd, '.env')))).toEqual(values);
  });

  it('finds equal and swapped secrets at the second prompt', async () => {
    const cwd = await temporaryFolder();
    const slack = await localSlack();
    const { client_id, client_secret, signing_secret } = slack.workspace.addApp({}).credentials;
    const env = { SLACK_APP_CLIENT_ID: client_id, SLACK_API_URL: slack.url };
    const window = await openTerminal(`${program} env --write`, { cwd, env });
    await answer(window, 'Client Secret', signing_secret);
    await window.waitFor('Slack does not accept this client secret');
    await answer(window, 'Signing Secret', signing_secret);
    await window.waitFor('have the same value');
    for (let count = 0; count < signing_secret.length; count += 1) await window.press('BSpace');
    await answer(window, 'Signing Secret', client_secret);
    await answer(window, 'Swap the two secrets?', '');
    const screen = await window.waitFor('Connect under Integrations');
    expect(screen).not.toContain(client_secret);
    expect(parse(await readFile(join(cwd, '.env')))).toEqual({
      SLACK_APP_CLIENT_ID: client_id,
      SLACK_APP_CLIENT_SECRET: client_secret,
      SLACK_SECRET: signing_secret,
    });
  });

  it('writes values that Slack cannot try, such as in a network without it', async () => {
    const cwd = await temporaryFolder();
    const { SLACK_SECRET, ...others } = values;
    const env = { ...others, SLACK_API_URL: `http://127.0.0.1:${await closedPort()}` };
    const window = await openTerminal(`${program} env --write`, { cwd, env });
    await answer(window, 'Signing Secret', SLACK_SECRET);
    await window.waitFor('Connect under Integrations');
    expect(parse(await readFile(join(cwd, '.env')))).toEqual(values);
  });

  it.each(['env', 'trigger event --url https://spacelift.example.com'])(
    '%s does not read secrets from a terminal, which would show them',
    async (command) => {
      const window = await openTerminal(`${program} ${command} --secrets-stdin`, {
        cwd: await temporaryFolder(),
      });
      expect(await window.waitFor('hint:')).toContain('stdin is a terminal');
    },
  );

  it('never asks with --no-input', async () => {
    const window = await openTerminal(`${program} --no-input env`, { cwd: await temporaryFolder() });
    expect(await window.waitFor('hint:')).toContain('--secrets-stdin');
  });
});
