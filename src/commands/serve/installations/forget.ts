import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import { requireYes } from '../../../terminal/prompt.ts';
import { visible } from '../../../text/visible.ts';
import { UserError } from '../../../user-error.ts';
import { envFileOption } from '../../options/env-file.ts';
import { connectToSlack, slackApiUrlOption } from '../../options/slack-api-url.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('revoke the token of an installation and delete it')
    .description(
      'Revokes the token of an installation (auth.revoke), which removes the app from the workspace, and deletes the installation.',
    )
    .action(run(forget));
}

function addOptions(command: Command) {
  return command
    .argument('<team>', 'the workspace (T…), or for an org-wide installation the organisation (E…)')
    .option('--no-revoke', 'delete it without asking Slack, such as after the app was deleted there')
    .option('--yes', 'do not ask')
    .addOption(storeOption())
    .addOption(envFileOption())
    .addOption(slackApiUrlOption());
}

async function forget(
  context: Context,
  team: string,
  options: OptionsOf<typeof addOptions>,
): Promise<ExitCode> {
  const { terminal } = context;
  const done = await withExistingStore(options, context, async (store, settings) => {
    const installation = await store.installations.find(team);
    if (!installation) {
      throw new UserError('installation-unknown', `there is no installation of ${visible(team)}`, {
        hint: 'Run serve installations list to see which there are.',
        exitCode: 2,
      });
    }
    const name = visible(installation.teamName ?? installation.enterpriseName ?? team);
    if (!options.yes) {
      const consequence = options.revoke ? 'Remove the app from' : 'Delete the installation of';
      await requireYes(terminal, `${consequence} ${name} (${team})?`, 'the installation was kept');
    }
    if (!options.revoke) {
      await store.installations.delete(team);
      return 'token not revoked';
    }
    const [{ forgetInstallation }, { slackError }] = await Promise.all([
      import('../../../server/oauth/installations.ts'),
      import('../../../slack/api/slack-error.ts'),
    ]);
    const slack = await connectToSlack(options.slackApiUrl, settings, context);
    const revocation = await forgetInstallation(installation, store.installations, slack);
    if (revocation.kind === 'failed') {
      const error = slackError(revocation.failure, `revoke the token of ${team}`, slack.url);
      throw new UserError(error.code, `${error.message}; the installation was kept`, {
        hint: 'Run the command again, or pass --no-revoke to delete it anyway and remove the app in Slack yourself.',
        exitCode: 3,
      });
    }
    return revocation.kind === 'revoked' ? 'token revoked' : `token was invalid already: ${revocation.error}`;
  });
  terminal.result(`installation of ${team} deleted (${done})`);
  return ExitCode.done;
}
