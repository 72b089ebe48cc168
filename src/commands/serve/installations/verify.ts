import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import type { VerifiedInstallation } from '../../../server/oauth/installations.ts';
import { penFor } from '../../../terminal/colour.ts';
import { visible } from '../../../text/visible.ts';
import { envFileOption } from '../../options/env-file.ts';
import { textOrJsonOption } from '../../options/format.ts';
import { connectToSlack, slackApiUrlOption } from '../../options/slack-api-url.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('ask Slack whether each token works and has the scopes of the manifest')
    .description(
      'Asks Slack (auth.test) whether the token of each installation works and has the scopes of the manifest.',
    )
    .addHelpText(
      'after',
      `
Exit codes: 0 all are valid; 1 a token is invalid or lacks scopes; 3 Slack could not be asked about one.`,
    )
    .action(run(verify));
}

function addOptions(command: Command) {
  return command
    .addOption(storeOption())
    .addOption(envFileOption())
    .addOption(slackApiUrlOption())
    .addOption(textOrJsonOption());
}

async function verify(context: Context, options: OptionsOf<typeof addOptions>): Promise<ExitCode> {
  const { terminal } = context;
  const [{ verifyInstallations }, { describeSlackFailure }, row] = await Promise.all([
    import('../../../server/oauth/installations.ts'),
    import('../../../slack/api/slack-error.ts'),
    import('./row.ts'),
  ]);
  const { verified, url } = await withExistingStore(options, context, async (store, settings) => {
    const slack = await connectToSlack(options.slackApiUrl, settings, context);
    return {
      verified: await verifyInstallations(store.installations, slack, row.manifestScopes),
      url: slack.url,
    };
  });
  const detailOf = ({ token }: VerifiedInstallation) => {
    if (token.kind === 'valid') return undefined;
    return token.kind === 'invalid' ? token.error : describeSlackFailure(token.failure, url);
  };

  if (options.format === 'json') {
    const installations = verified.map((each) => ({
      ...row.installationJson(each.installation, each.scopes),
      token: each.token.kind,
      detail: detailOf(each) ?? null,
    }));
    terminal.result(JSON.stringify({ installations }, null, 2));
    return exitCodeOf(verified);
  }
  const pen = await penFor(terminal, 'stdout');
  const colours = { valid: pen.green, invalid: pen.red, unchecked: pen.yellow };
  for (const each of verified) {
    const { kind } = each.token;
    const cells = [
      ...row.nameCells(each.installation),
      colours[kind](kind.padEnd(9)),
      visible(detailOf(each) ?? row.describeScopes(each.scopes)),
    ];
    terminal.result(cells.join('  '));
  }
  if (verified.length === 0) terminal.note('No workspace has installed the app through this store.');
  if (verified.some(({ token }) => token.kind === 'invalid')) {
    terminal.note('Delete an invalid one with serve installations forget, or install the app there again.');
  }
  if (verified.some(lacksScopes)) {
    terminal.note('Install the app again to grant the missing scopes: /slack_oauth/install');
  }
  return exitCodeOf(verified);
}

function lacksScopes({ token, scopes }: VerifiedInstallation): boolean {
  return token.kind === 'valid' && scopes.missing.length > 0;
}

function exitCodeOf(verified: readonly VerifiedInstallation[]): ExitCode {
  if (verified.some((each) => each.token.kind === 'invalid' || lacksScopes(each))) return ExitCode.found;
  return verified.some(({ token }) => token.kind === 'unchecked') ? ExitCode.failed : ExitCode.done;
}
