import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { isObject, type JsonValue, valueAt } from '../../json-value.ts';
import type { CreatedApp, ManifestProblem } from '../../slack/api/app-manifest-api.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { visible } from '../../text/visible.ts';
import { UserError } from '../../user-error.ts';
import { type RenderFlags, renderValid, resolveRenderOptions } from '../options/render.ts';
import { chooseCredentialsFile, keepCredentials, keepUntilPrinted } from './credentials.ts';
import { type AppSession, appPage, openSession, type SessionFlags } from './session.ts';

interface Flags extends RenderFlags, SessionFlags {
  readonly write?: string | true | undefined;
  readonly reveal?: true | undefined;
  readonly yes?: true | undefined;
  readonly format: 'text' | 'json';
}

export async function create(flags: Flags, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const options = await resolveRenderOptions(flags, context);
  const manifest = await renderValid(options, context);
  const file = await chooseFile(flags, context);
  const session = await openSession(flags, context);

  const { app, kept } = await createApp(manifest, file?.name, session, context, (created) =>
    file ? keepCredentials(created, file, context) : keepUntilPrinted(created, context),
  );

  const result = {
    appId: app.appId,
    settingsUrl: appPage(session.url, app.appId),
    installUrl: app.installUrl ?? appPage(session.url, app.appId, '/install-on-team'),
    ...(file ? { credentialsFile: file.name } : {}),
    ...(flags.reveal ? { credentials: app.credentials } : {}),
  };
  const text = flags.format === 'json' ? JSON.stringify(result, null, 2) : asText(result, options.domain);
  await kept.print(() => terminal.resultWritten(text));
  return app.problems.length > 0 ? ExitCode.failed : ExitCode.done;
}

async function chooseFile({ write, reveal, yes }: Flags, context: Context) {
  if (write !== undefined) {
    return chooseCredentialsFile(write === true ? '.env' : write, { replace: yes ?? false }, context);
  }
  if (reveal) return undefined;
  throw new UserError(
    'credentials-without-place',
    'Slack gives the credentials once, and no place for them is named',
    {
      hint: 'Pass --write [FILE] to store them (default: .env), or --reveal to print them.',
      exitCode: 2,
    },
  );
}

/**
 * Says what is about to be created, has Slack check the manifest, creates the app, and keeps its credentials before anything else happens: they come
 * with this one answer, and an interruption waits for them. Whoever calls says what was done before the command ends
 * with the interruption.
 *
 * @param file the name of the file that will hold them
 */
export async function createApp<Kept>(
  manifest: JsonValue,
  file: string | undefined,
  session: AppSession,
  { terminal }: Context,
  keep: (app: CreatedApp) => Promise<Kept>,
): Promise<{ readonly app: CreatedApp; readonly kept: Kept }> {
  announce(manifest, file, terminal);
  const document = isObject(manifest) ? manifest : {};
  const warnings = session.done(await session.apps.validate(document), 'have Slack check the manifest');
  warn(warnings, terminal);

  const create = (signal: AbortSignal) => session.apps.create(document, signal);
  const app = await session.change(create, 'create the app', thenLook);
  const kept = await keep(app);
  warn(app.problems, terminal);
  return { app, kept };
}

const thenLook =
  'Look for it at https://api.slack.com/apps, and delete it there before you try again: its credentials did not arrive.';

function warn(problems: readonly ManifestProblem[], terminal: Terminal): void {
  for (const { message, place } of problems) {
    terminal.warn(`Slack: ${visible(message)}${place === undefined ? '' : ` (${visible(place)})`}`);
  }
}

/** Says what is about to be created, on stderr. */
function announce(manifest: JsonValue, file: string | undefined, terminal: Terminal): void {
  const list = (pointer: string) => {
    const value = valueAt(manifest, pointer);
    return Array.isArray(value)
      ? value.map((item) => (isObject(item) ? item['command'] : item)).join(', ')
      : '';
  };
  const rows: readonly (readonly [string, unknown])[] = [
    ['name', valueAt(manifest, '/display_information/name')],
    ['command', list('/features/slash_commands')],
    ['request URL', valueAt(manifest, '/settings/event_subscriptions/request_url')],
    ['redirect URL', list('/oauth_config/redirect_urls')],
    ['scopes', list('/oauth_config/scopes/bot')],
    ['credentials', file ?? 'printed, not stored'],
  ];
  terminal.note('Creating the Slack app:');
  for (const [label, value] of rows) terminal.note(`  ${label.padEnd(13)} ${visible(String(value ?? ''))}`);
}

interface Created {
  readonly appId: string;
  readonly settingsUrl: string;
  readonly installUrl: string;
  readonly credentialsFile?: string;
  readonly credentials?: CreatedApp['credentials'];
}

function asText(
  { appId, settingsUrl, installUrl, credentialsFile, credentials }: Created,
  domain: string,
): string {
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

What remains:
  1. Start Spacelift's server, drain and scheduler again with ${credentialsFile ?? 'the credentials'}.
  2. Prove that Slack can reach it:  spacelift-slack doctor --domain ${domain}
  3. Have Slack verify the request URL:  ${settingsUrl}/event-subscriptions
  4. In Spacelift, open Integrations > Slack and press Connect.
`;
}
