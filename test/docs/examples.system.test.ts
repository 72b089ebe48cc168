import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { need } from '../support/need.ts';
import { commandLines, readPage } from './support/pages.ts';
import {
  createSetting,
  type Deployment,
  type Setting,
  shownAppId,
  usualEnvironment,
} from './support/setting.ts';
import { parseShellLine } from './support/shell-line.ts';
import { asInExamples, shows } from './support/shown-output.ts';

interface Example {
  readonly page: string;
  readonly command: string;
  readonly deployment?: Deployment;
  readonly code?: number;
  readonly env?: 'none';
  /** Makes the mistake that the example shows. */
  readonly prepare?: (cwd: string, setting: Setting) => Promise<unknown>;
}

const manifest = (change: (text: string) => string) => async (cwd: string) => {
  const file = join(cwd, 'manifest.json');
  await writeFile(file, change(await readFile(file, 'utf8')));
};

const examples: readonly Example[] = [
  {
    page: 'README.md',
    command: 'doctor --domain spacelift.example.com',
    deployment: { status: 404 },
    code: 1,
  },
  {
    page: 'docs/manifest.md',
    command: 'manifest validate manifest.json',
    prepare: manifest((text) => text.replace(/^ +"commands",\n/m, '')),
    code: 1,
  },
  {
    page: 'docs/manifest.md',
    command: 'manifest diff manifest.json --domain spacelift.example.com',
    prepare: manifest((text) =>
      text.replace(/("event_subscriptions": \{\s+"request_url": "https:\/\/)spacelift/, '$1old'),
    ),
    code: 1,
  },
  {
    page: 'docs/app.md',
    command: `app diff --domain spacelift.example.com --app-id ${shownAppId}`,
    prepare: async (_, { slack }) => {
      const app = slack.workspace.apps.get(shownAppId);
      const changed = JSON.stringify(app?.manifest).replace('"links:write"', '"files:read","links:write"');
      if (app) app.manifest = JSON.parse(changed);
    },
    code: 1,
  },
  {
    page: 'docs/env.md',
    command: 'env --write',
    env: 'none',
    prepare: async (cwd) => {
      const git = await need('git');
      execFileSync(git, ['init', '--quiet', cwd]);
      await writeFile(
        join(cwd, '.env'),
        'SERVER_DOMAIN=spacelift.example.com\nSLACK_SECRET=old # rotated in May\n',
      );
      await chmod(join(cwd, '.env'), 0o644);
    },
  },
  { page: 'docs/troubleshooting.md', command: 'explain ssl_cacert' },
];

it.each(examples)('$page shows what $command prints', async (example) => {
  const { page, command, deployment, prepare, code = 0 } = example;
  const setting = await createSetting(onTestFinished, deployment);
  const cwd = await setting.folder('with-files');
  const line = commandLines(page, await readPage(page)).find(
    ({ text }) => text === `spacelift-slack ${command}`,
  );
  const [parsed] = parseShellLine(line?.text ?? '');
  if (!line || !parsed) throw new Error(`${page} does not show ${command}`);
  const { client_id, client_secret, signing_secret } = setting.newest().credentials;
  const credentials = {
    SLACK_APP_CLIENT_ID: client_id,
    SLACK_APP_CLIENT_SECRET: client_secret,
    SLACK_SECRET: signing_secret,
  };
  await prepare?.(cwd, setting);
  const env = example.env === 'none' ? credentials : usualEnvironment(setting);
  const outcome = await setting.run(parsed, cwd, env);
  expect(outcome.code).toBe(code);
  const printed = asInExamples(outcome.output, setting);
  expect(shows(printed, line.output) ? line.output : printed).toEqual(line.output);
});
