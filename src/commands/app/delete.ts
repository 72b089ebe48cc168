import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { valueAt } from '../../json-value.ts';
import { ask } from '../../terminal/prompt.ts';
import { visible } from '../../text/visible.ts';
import { UserError } from '../../user-error.ts';
import { appIdOption, requireAppId } from '../options/app-id.ts';
import { envFileOption } from '../options/env-file.ts';
import { textOrJsonOption } from '../options/format.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { tokenStoreOption } from '../options/token-store.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('delete the app for good')
    .description('Deletes the app and all its installations for good. Asks for the name of the app.')
    .action(run(deleteApp));
}

function addOptions(command: Command) {
  return command
    .addOption(appIdOption())
    .option('--yes', 'delete without asking; requires --app-id')
    .addOption(textOrJsonOption())
    .addOption(envFileOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption());
}

async function deleteApp(context: Context, options: OptionsOf<typeof addOptions>): Promise<ExitCode> {
  const { terminal } = context;
  if (options.yes && options.appId === undefined) {
    throw new UserError('app-id-missing', '--yes requires --app-id', {
      hint: 'Pass --app-id <id> as well.',
      exitCode: 2,
    });
  }
  if (!options.yes && !terminal.interactive) {
    throw new UserError(
      'confirmation-missing',
      `deleting an app requires its name to be typed, and ${terminal.whyNotInteractive}`,
      {
        hint: 'Pass --yes and --app-id <id> to delete the app without a prompt.',
        exitCode: 2,
      },
    );
  }
  const appId = await requireAppId(options.appId, context, options.envFile, {
    command: 'app delete',
    yes: options.yes ?? false,
  });
  const { openSession } = await import('./session.ts');
  const { apps, done, change } = await openSession(options, context);
  const manifest = done(await apps.export(appId), `find the app ${appId}`);
  const name = String(valueAt(manifest, '/display_information/name') ?? appId);
  if (!options.yes) {
    await ask(terminal, {
      message: `Type ${visible(name)} to delete the app ${appId} and all its installations for good`,
      instead: `--yes --app-id ${appId}`,
      problem: (answer) =>
        answer === name ? undefined : `Expected ${visible(name)}. Press Ctrl-C to keep the app.`,
    });
  }
  await change(
    (signal) => apps.delete(appId, signal),
    `delete the app ${appId}`,
    `Run spacelift-slack app export --app-id ${appId} to see whether it still exists.`,
  );
  if (options.format === 'json') terminal.result(JSON.stringify({ appId, name, deleted: true }, null, 2));
  else terminal.report(`Deleted the app ${appId} (${visible(name)}).`);
  return ExitCode.done;
}
