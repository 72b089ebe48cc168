import { mkdir, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { onTestFinished } from 'vitest';
import { createAuthority } from '../../support/certificate-authority.ts';
import { type InProcessOutcome, runInProcess } from '../../support/in-process.ts';
import type { App } from '../../support/local-slack/workspace.ts';
import { type LocalSlack, localSlack } from '../../support/local-slack.ts';
import { slackEndpoint } from '../../support/slack-endpoint.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { httpServer, httpsServer } from '../../support/tls-server.ts';
import type { ShellCommand } from './shell-line.ts';

/** The hosts in the examples: Spacelift, public and private, and the host of a relay. */
const hosts = ['spacelift.example.com', 'spacelift.internal.example', 'slack.example.com'];

/** What the command lines of pages find: Slack with an app, a deployment that works, and folders to run in. */
export interface Setting {
  readonly slack: LocalSlack;
  /** An app-level token of the app that the examples name. */
  readonly appToken: string;
  /** The app that was created last. */
  newest(): App;
  /** A new folder: an empty one, or one with the files that the examples name. */
  folder(kind: 'empty' | 'with-files'): Promise<string>;
  /** Runs a command of this program, against the deployment instead of the internet. */
  run(
    command: ShellCommand,
    cwd: string,
    env?: Readonly<Record<string, string>>,
    stdin?: string,
  ): Promise<InProcessOutcome>;
}

/** The app that the examples name. */
export const shownAppId = 'A07P7MBAR80';

export interface Deployment {
  /** The app whose credentials the deployment has: that of the examples, or the one created last. */
  readonly deployed?: 'example' | 'newest';
  /** The status of every response, for a deployment that does not work. */
  readonly status?: number;
}

export async function createSetting(
  onFinished: typeof onTestFinished,
  { deployed = 'example', status }: Deployment = {},
): Promise<Setting> {
  const authority = await createAuthority();
  const slack = await localSlack({ onFinished });
  const manifest = await runInProcess(['manifest', '--domain', 'spacelift.example.com'], { cwd: '/' });
  const app = slack.workspace.addApp(JSON.parse(manifest.stdout));
  for (const id of [shownAppId, 'A0123456789']) slack.workspace.apps.set(id, { ...app, id });
  const { client_id: clientId, client_secret: clientSecret, signing_secret: signingSecret } = app.credentials;
  const appToken = slack.workspace.addAppToken({ ...app, id: shownAppId });
  const newest = () => [...slack.workspace.apps.values()].at(-1) ?? app;
  const endpoint: RequestListener = (request, response) =>
    slackEndpoint({
      signingSecret: deployed === 'newest' ? newest().credentials.signing_secret : signingSecret,
      before: () => status !== undefined && response.writeHead(status).end() === response,
    })(request, response);
  const port = await httpsServer(await authority.issue({ names: hosts }), endpoint, { onFinished });
  const plainPort = await httpServer(endpoint, { onFinished });
  const route = ['--ca', '.trust/root.pem', '--connect-to', `:443:127.0.0.1:${port}`];
  const variables = `SLACK_APP_CLIENT_ID=${clientId}\nSLACK_APP_CLIENT_SECRET=${clientSecret}\nSLACK_SECRET=${signingSecret}\n`;

  const files: Readonly<Record<string, string>> = {
    '.env': variables,
    'spacelift.env': variables,
    'relay.env': `SLACK_SECRET=${signingSecret}\nSLACK_APP_TOKEN=${appToken}\n`,
    'serve.env': variables,
    'manifest.json': manifest.stdout,
    'config.json': '{\n  "slack_config": { "enabled": false }\n}\n',
    'ca.pem': authority.root,
  };

  return {
    slack,
    appToken,
    newest,
    async folder(kind) {
      const cwd = await temporaryFolder(onFinished);
      await mkdir(join(cwd, '.trust'));
      await writeFile(join(cwd, '.trust/root.pem'), authority.root);
      for (const [name, text] of kind === 'empty' ? [] : Object.entries(files)) {
        await writeFile(join(cwd, name), text, { mode: 0o600 });
      }
      return cwd;
    },
    async run({ words: [, ...args], assignments, stdinFile }, cwd, env = {}, stdin) {
      const [command = '', subcommand = ''] = args.filter((word) => !word.startsWith('-'));
      const isServer = command === 'serve' && !['events', 'installations', 'keys'].includes(subcommand);
      const given = args.map((word) =>
        word.replace('http://127.0.0.1:3000', `http://127.0.0.1:${plainPort}`),
      );
      const hidden = isServer
        ? [
            ...(args.includes('--socket-mode') ? [] : ['--listen', '127.0.0.1:0']),
            ...['--admin-listen', '127.0.0.1:0', '--store', `sqlite:${join(cwd, 'serve.db')}`],
          ]
        : command === 'doctor' || args.some((word) => word.startsWith('https://spacelift.'))
          ? route
          : [];
      return runInProcess([...given, ...hidden], {
        cwd,
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: cwd,
          SLACK_API_URL: slack.url,
          ...env,
          ...withoutPlaceholders(assignments),
        },
        stdin: stdin ?? (stdinFile === undefined ? '' : (files[stdinFile] ?? variables)),
        ...(isServer ? { endAt: 'listening' } : {}),
      });
    },
  };
}

/** What the examples expect in the environment, for a line that is run on its own. */
export function usualEnvironment({ slack, appToken }: Setting): Readonly<Record<string, string>> {
  return {
    SPACELIFT_DOMAIN: 'spacelift.example.com',
    SLACK_APP_ID: shownAppId,
    SLACK_APP_TOKEN: appToken,
    SLACK_CONFIG_TOKEN: slack.workspace.configToken,
  };
}

/** A page writes `…` for a value that the reader knows. */
function withoutPlaceholders(assignments: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(assignments).filter(([, value]) => !value.includes('…')));
}
