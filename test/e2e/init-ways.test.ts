import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { answer } from '../support/answer-question.ts';
import { type AppScene, appScene } from '../support/app-scene.ts';
import { createAuthority } from '../support/certificate-authority.ts';
import type { App } from '../support/local-slack/workspace.ts';
import { launcher } from '../support/program.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { httpsServer } from '../support/tls-server.ts';
import { openTerminal, type TerminalWindow } from '../support/tmux.ts';

interface Deployment {
  readonly scene: AppScene;
  /** Opens a terminal in which `init` asks everything, with the route to the deployment for doctor. */
  begin(env?: Readonly<Record<string, string>>): Promise<TerminalWindow>;
  /** Restarts Spacelift with the signing secret of an env file. */
  restart(envFile: string): Promise<void>;
}

/** A Spacelift with a certificate of a private authority, which has no Slack credentials before it is restarted. */
async function createDeployment(domain: string): Promise<Deployment> {
  const scene = await appScene();
  const authority = await createAuthority();
  let spacelift: RequestListener = (_, response) => response.writeHead(404).end();
  const identity = await authority.issue({ names: [domain] });
  const port = await httpsServer(identity, (request, response) => spacelift(request, response));
  await writeFile(join(scene.cwd, 'root.pem'), authority.root);
  const route = ['--ca', 'root.pem', '--connect-to', `${domain}:443:127.0.0.1:${port}`];
  const unset = { SPACELIFT_DOMAIN: '', SLACK_CONFIG_TOKEN: '' };
  return {
    scene,
    begin: (env = {}) => scene.openTerminal(['init', ...route], { ...unset, ...env }),
    async restart(envFile) {
      const { SLACK_SECRET = '' } = parse(await readFile(join(scene.cwd, envFile)));
      spacelift = slackEndpoint({ signingSecret: SLACK_SECRET });
    },
  };
}

function onlyApp({ slack }: AppScene): App {
  const [app] = slack.workspace.apps.values();
  if (!app) throw new Error('no app was created');
  return app;
}

/** Runs a line in a POSIX shell that finds the program in its PATH. @returns what it prints */
async function paste({ cwd, slack }: AppScene, line: string): Promise<string> {
  const folder = await temporaryFolder();
  await symlink(launcher, join(folder, 'spacelift-slack'));
  const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: cwd, SLACK_API_URL: slack.url };
  const { stdout } = await promisify(execFile)('sh', ['-c', line], { cwd, env });
  return stdout;
}

/** The line of doctor in the next steps, as it can be pasted. */
async function doctorLine(terminal: TerminalWindow): Promise<string> {
  const line = /^ {5}(\S.*spacelift-slack doctor.*|spacelift-slack doctor.*)$/m.exec(
    await terminal.unbroken(),
  );
  if (!line?.[1]) throw new Error('the next steps have no line of doctor');
  return line[1];
}

describe('init leads from the first prompt to a green doctor', () => {
  it('with a configuration token, in a shell that has a secret of another app', async () => {
    const domain = 'spacelift.example.com';
    const { scene, begin, restart } = await createDeployment(domain);
    const terminal = await begin({ SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5' });
    await answer(terminal, "Spacelift's domain", domain);
    await answer(terminal, 'Can Slack reach', '');
    await answer(terminal, 'How do you want to create the Slack app?', '');
    await answer(terminal, 'Where does Spacelift run', '');
    await answer(terminal, 'The env file for the credentials', '');
    await answer(terminal, 'The access token', scene.slack.workspace.configToken);

    await terminal.waitFor('? Does Spacelift run');
    expect(await terminal.screen()).toContain('     unset SLACK_SECRET\n');
    const line = await doctorLine(terminal);
    expect(line).toContain(`doctor --domain ${domain} --app-id ${onlyApp(scene).id} --ca root.pem`);
    await answer(terminal, 'Does Spacelift run', 'y');
    await terminal.waitFor('Doctor failed. What next?');
    expect(await terminal.screen()).toContain('webhook.reachable');

    await restart('.env');
    await terminal.press('Enter');
    const last = await terminal.waitFor('ended with 0');
    expect(last).toMatch(/ 0 failed\n/);
    expect(last).toContain(`https://api.slack.com/apps/${onlyApp(scene).id}/event-subscriptions`);
    expect(await paste(scene, line)).toMatch(/ 0 failed\n/);
  });

  it('by hand, with the two secrets the other way round', async () => {
    const domain = 'spacelift.example.com';
    const { scene, begin, restart } = await createDeployment(domain);
    const browser = join(scene.cwd, 'browser');
    await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > '${browser}.opened'\n`, { mode: 0o755 });
    const terminal = await begin({ BROWSER: browser });
    await answer(terminal, "Spacelift's domain", domain);
    await answer(terminal, 'Can Slack reach', '');
    await answer(terminal, 'How do you want to create the Slack app?', '', 'Down');
    await terminal.press('Enter');
    await answer(terminal, 'Where does Spacelift run', '');
    await answer(terminal, 'The env file for the credentials', '');
    await answer(terminal, "Where do you want to open Slack's create-app page", '');

    await terminal.waitFor('? Client ID (SLACK_APP_CLIENT_ID), under App Credentials');
    const link = new URL(await readFile(`${browser}.opened`, 'utf8'));
    const app = scene.slack.workspace.addApp(JSON.parse(link.searchParams.get('manifest_json') ?? ''));
    const { client_id, client_secret, signing_secret } = app.credentials;
    await answer(terminal, 'Client ID', client_id);
    await answer(terminal, 'Client Secret', signing_secret);
    await terminal.waitFor('warning: Slack does not accept this client secret');
    await answer(terminal, 'Signing Secret', client_secret);
    await terminal.waitFor('the two secrets are the other way round');
    await answer(terminal, 'Swap the two secrets?', '');

    await terminal.waitFor('? Does Spacelift run');
    expect(await terminal.screen()).toContain('commands in this folder use its domain.');
    expect(parse(await readFile(join(scene.cwd, '.env')))).toEqual({
      SLACK_APP_CLIENT_ID: client_id,
      SLACK_APP_CLIENT_SECRET: client_secret,
      SLACK_SECRET: signing_secret,
    });
    await restart('.env');
    await answer(terminal, 'Does Spacelift run', '');
    expect(await terminal.waitFor('ended with 0')).toMatch(/ 0 failed\n/);
  });

  it('with Socket Mode, which is preselected for a private domain', async () => {
    const domain = 'spacelift.corp.internal';
    const { scene, begin, restart } = await createDeployment(domain);
    const terminal = await begin();
    await answer(terminal, "Spacelift's domain", domain);
    expect(await terminal.waitFor('? Can Slack reach')).toMatch(/❯ No: a relay inside your network/);
    await terminal.press('Enter');
    await answer(terminal, 'How do you want to create the Slack app?', '');
    await answer(terminal, 'Where does Spacelift run', '');
    await answer(terminal, 'The env file for the credentials', 'slack.env');
    await answer(terminal, 'The access token', scene.slack.workspace.configToken);
    await terminal.waitFor('? App-Level Token (SLACK_APP_TOKEN)');
    const app = onlyApp(scene);
    expect(await terminal.screen()).toContain(`https://api.slack.com/apps/${app.id}/general`);
    expect(await terminal.history()).toMatch(/request URL +none: Socket Mode/);
    await answer(terminal, 'App-Level Token', scene.slack.workspace.addAppToken(app));

    await terminal.waitFor('? Does Spacelift run');
    expect(await terminal.unbroken()).toContain(
      `     spacelift-slack serve --socket-mode --upstream https://${domain} --env-file relay.env`,
    );
    const line = await doctorLine(terminal);
    expect(line).toContain(`--socket-mode --app-id ${app.id} --env-file slack.env`);
    await restart('relay.env');
    await answer(terminal, 'Does Spacelift run', '');
    const last = await terminal.waitFor('ended with 0');
    expect(last).toMatch(/ 0 failed\n/);
    expect(last).not.toContain('verify the request URL');
    expect(await paste(scene, line)).toMatch(/ 0 failed\n/);
  });
});

describe('the prompts of init', () => {
  it.each([
    { columns: 40, choice: 'Slack\n    calls it directly' },
    { columns: 80, choice: 'Slack calls it directly' },
  ])('break between words on $columns columns', async ({ columns, choice }) => {
    const cwd = await temporaryFolder();
    const line = `'${process.execPath}' '${launcher}' init`;
    const terminal = await openTerminal(line, { cwd, size: [columns, 40] });
    await answer(terminal, "Spacelift's domain", 'a.example.com');
    await terminal.waitFor(choice);
    await answer(terminal, 'Can Slack reach', '');
    await answer(terminal, 'How do you want', '');
    await answer(terminal, 'Where does Spacelift', '');
    await terminal.waitFor('its variables?\n  dotenv\n');
  });
});
