import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { isObject } from '../../json-value.ts';
import type { Change } from '../../manifest/diff.ts';
import { appPage } from '../../slack/app-page.ts';
import { penFor } from '../../terminal/colour.ts';
import { requireYes } from '../../terminal/prompt.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';
import { appIdOption, requireAppId } from '../options/app-id.ts';
import { textOrJsonOption } from '../options/format.ts';
import { addRenderOptions, renderValid, resolveRenderOptions, withOrgDeployOf } from '../options/render.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { tokenStoreOption } from '../options/token-store.ts';
import type { Updated } from './next-steps-after-update.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('update the live app to what the domain needs')
    .description(
      'Updates the live app to what the domain needs. Slack replaces the whole manifest, so the command first lists what would be removed.',
    )
    .action(run(update));
}

function addOptions(command: Command) {
  return addRenderOptions(command)
    .addOption(appIdOption())
    .option('--yes', 'update without asking')
    .addOption(textOrJsonOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption());
}

type UpdateOptions = OptionsOf<typeof addOptions>;

async function update(context: Context, options: UpdateOptions): Promise<ExitCode> {
  const { terminal, interruption } = context;
  const change = { command: 'app update', yes: options.yes ?? false };
  const renderOptions = await resolveRenderOptions(options, context, change);
  const { domain } = renderOptions;
  const appId = await requireAppId(options.appId, context, options.envFile, change);
  const [{ openSession }, { diffManifests }] = await Promise.all([
    import('./session.ts'),
    import('../../manifest/diff.ts'),
  ]);
  const session = await openSession(options, context);
  const { apps, done, url } = session;
  const report = (result: Updated) => {
    if (options.format === 'json') terminal.result(JSON.stringify(result, null, 2));
    else terminal.report(asText(result));
  };
  const lead = async (result: Updated) => {
    if (options.format === 'json') return;
    const { nextStepsAfterUpdate } = await import('./next-steps-after-update.ts');
    const steps = nextStepsAfterUpdate(result, { ...renderOptions, slackUrl: url }, options);
    for (const line of steps) terminal.note(line);
  };

  const live = done(await apps.export(appId), `export the app ${appId}`);
  const wanted = await renderValid(withOrgDeployOf(live, renderOptions), context);
  const document = isObject(wanted) ? wanted : {};
  const changes = diffManifests(live, wanted);
  if (changes.length === 0) {
    report({ appId, updated: false, changes, reinstallNeeded: false });
    return ExitCode.done;
  }
  await show(changes, { actual: `the app ${appId}`, wanted: domain }, terminal);
  done(await apps.validate(document, appId), 'have Slack validate the manifest');
  await requireConsent(change.yes, changes, appId, terminal);

  const { permissionsUpdated } = await session.change(
    (signal) => apps.update(appId, document, signal),
    `update the app ${appId}`,
    `Run spacelift-slack app diff --app-id ${appId} before you retry.`,
  );
  const updated = { appId, updated: true, changes, reinstallNeeded: permissionsUpdated };
  const now = await apps.export(appId).catch((error: unknown) => {
    if (!interruption.aborted) throw error;
  });
  if (now === undefined) {
    report(updated);
    terminal.warn(`the updated app was not checked: run spacelift-slack app diff --app-id ${appId}`);
    await lead(updated);
    return ExitCode.done;
  }
  const left = diffManifests(done(now, `export the app ${appId} after the update`), wanted);
  if (left.length === 0) {
    report(updated);
    terminal.note(`Checked: the app ${appId} now has the manifest that ${domain} needs.`);
    await lead(updated);
    return ExitCode.done;
  }
  throw new UserError(
    'update-incomplete',
    `Slack accepted the update, but these differences remain: ${left.map(({ pointer }) => pointer).join(', ')}`,
    { hint: `Change them by hand at ${appPage(url, appId, '/app-manifest')}.`, exitCode: 3 },
  );
}

async function show(
  changes: readonly Change[],
  names: { readonly actual: string; readonly wanted: string },
  terminal: Terminal,
): Promise<void> {
  const { diffAsText } = await import('../../manifest/report/diff-report.ts');
  terminal.note(diffAsText(changes, names, await penFor(terminal, 'stderr')));
  const removed = changes.filter(({ kind }) => kind === 'removed');
  if (removed.length === 0) return;
  terminal.warn(
    `${removed.length} ${removed.length === 1 ? 'entry' : 'entries'} will be removed from the live app: ${removed.map(describeRemoved).join(', ')}`,
  );
}

function describeRemoved({ pointer, from }: Change): string {
  return typeof from === 'object' ? pointer : `${pointer} (${String(from)})`;
}

async function requireConsent(
  yes: boolean,
  changes: readonly Change[],
  appId: string,
  terminal: Terminal,
): Promise<void> {
  if (yes) return;
  const count = changes.length === 1 ? 'this change' : `these ${changes.length} changes`;
  await requireYes(terminal, `Make ${count} to the live app ${appId}?`, `the app ${appId} is unchanged`);
}

function asText({ appId, updated, reinstallNeeded }: Updated): string {
  if (!updated) return `The app ${appId} is up to date: nothing was changed.`;
  const remark = reinstallNeeded ? ' Its permissions changed.' : '';
  return `Updated the app ${appId}.${remark}`;
}
