import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../../cli/command.ts';
import type { Context } from '../../../cli/context.ts';
import { ExitCode } from '../../../exit-code.ts';
import { penFor } from '../../../terminal/colour.ts';
import { visible } from '../../../text/visible.ts';
import { envFileOption } from '../../options/env-file.ts';
import { textOrJsonOption } from '../../options/format.ts';
import { withExistingStore } from '../existing-store.ts';
import { storeOption } from '../store-option.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('list the workspaces that installed the app')
    .description(
      'Lists the workspaces that installed the app: when, by whom, and how the granted scopes differ from the manifest.',
    )
    .action(run(list));
}

function addOptions(command: Command) {
  return command.addOption(storeOption()).addOption(envFileOption()).addOption(textOrJsonOption());
}

async function list(context: Context, options: OptionsOf<typeof addOptions>): Promise<ExitCode> {
  const { terminal } = context;
  const [{ compareScopes }, { describeScopes, installationJson, manifestScopes, nameCells }] =
    await Promise.all([import('../../../server/oauth/installations.ts'), import('./row.ts')]);
  const all = await withExistingStore(options, context, (store) => store.installations.list());
  const rows = all.map((installation) => ({
    installation,
    scopes: compareScopes(installation.scopes, manifestScopes),
  }));
  if (options.format === 'json') {
    const installations = rows.map(({ installation, scopes }) => installationJson(installation, scopes));
    terminal.result(JSON.stringify({ installations }, null, 2));
    return ExitCode.done;
  }
  const pen = await penFor(terminal, 'stdout');
  for (const { installation, scopes } of rows) {
    const described = describeScopes(scopes);
    const cells = [
      ...nameCells(installation),
      new Date(installation.installedAt).toISOString(),
      visible(installation.installedBy ?? '-').padEnd(12),
      scopes.missing.length > 0 ? pen.yellow(described) : described,
    ];
    terminal.result(cells.join('  '));
  }
  if (rows.length === 0) terminal.note('No workspace has installed the app through this store.');
  return ExitCode.done;
}
