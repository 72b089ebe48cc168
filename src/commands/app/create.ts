import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import type { CreatedApp } from '../../slack/api/app-manifest-api.ts';
import { appPage } from '../../slack/app-page.ts';
import { UserError } from '../../user-error.ts';
import { textOrJsonOption } from '../options/format.ts';
import { addRenderOptions, renderValid, resolveRenderOptions } from '../options/render.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { tokenStoreOption } from '../options/token-store.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('create the app and store its credentials')
    .description('Creates the app in Slack and stores its credentials at once: Slack returns them only then.')
    .action(run(create));
}

function addOptions(command: Command) {
  return addRenderOptions(command)
    .option('--write [file]', 'write the three variables to this env file (default: .env)')
    .option('--reveal', 'print the credentials too')
    .option('--yes', 'replace the credentials of another app in the file without asking')
    .addOption(textOrJsonOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption());
}

type CreateOptions = OptionsOf<typeof addOptions>;

async function create(context: Context, options: CreateOptions): Promise<ExitCode> {
  const { terminal } = context;
  const renderOptions = await resolveRenderOptions(options, context);
  const manifest = await renderValid(renderOptions, context);
  const file = await chooseFile(options, context);
  const [{ openSession }, { keepCredentials, keepUntilPrinted }, { createApp }] = await Promise.all([
    import('./session.ts'),
    import('./credentials.ts'),
    import('./new-app.ts'),
  ]);
  const session = await openSession(options, context);

  const { app, kept } = await createApp(manifest, file?.name, session, context, (created) =>
    file ? keepCredentials(created, file, context) : keepUntilPrinted(created, context),
  );

  const result = {
    appId: app.appId,
    settingsUrl: appPage(session.url, app.appId),
    installUrl: app.installUrl ?? appPage(session.url, app.appId, '/install-on-team'),
    ...(file ? { credentialsFile: file.name } : {}),
    ...(options.reveal ? { credentials: app.credentials } : {}),
  };
  const text = options.format === 'json' ? JSON.stringify(result, null, 2) : asText(result);
  await kept.print(() => terminal.resultWritten(text));
  if (options.format !== 'json') {
    const { nextStepsAfterCreate } = await import('./next-steps-after-create.ts');
    const created = { app, file: file?.name, hosts: renderOptions, slackUrl: session.url };
    const steps = nextStepsAfterCreate(created, options.slackApiUrl, context.env);
    for (const line of steps) terminal.note(line);
  }
  return app.problems.length > 0 ? ExitCode.failed : ExitCode.done;
}

async function chooseFile({ write, reveal, yes }: CreateOptions, context: Context) {
  if (write !== undefined) {
    const { chooseCredentialsFile } = await import('./credentials.ts');
    return chooseCredentialsFile(write === true ? '.env' : write, { replace: yes ?? false }, context);
  }
  if (reveal) return undefined;
  throw new UserError(
    'credentials-without-place',
    'there is no place to put the credentials, which Slack returns only once',
    {
      hint: 'Pass --write [FILE] to store them (default: .env), or --reveal to print them.',
      exitCode: 2,
    },
  );
}

interface Created {
  readonly appId: string;
  readonly settingsUrl: string;
  readonly installUrl: string;
  readonly credentialsFile?: string;
  readonly credentials?: CreatedApp['credentials'];
}

function asText({ appId, settingsUrl, installUrl, credentialsFile, credentials }: Created): string {
  const rows = [
    ['app id', appId],
    ['settings', settingsUrl],
    ['install link', installUrl],
    ...(credentialsFile === undefined ? [] : [['credentials', credentialsFile]]),
    ...(credentials
      ? [
          ['client id', credentials.clientId],
          ['client secret', credentials.clientSecret],
          ['signing secret', credentials.signingSecret],
        ]
      : []),
  ];
  return `The app is created.
${rows.map(([label = '', value]) => `  ${label.padEnd(14)} ${value}`).join('\n')}
`;
}
