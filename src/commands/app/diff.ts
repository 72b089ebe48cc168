import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import { ExitCode } from '../../exit-code.ts';
import { penFor } from '../../terminal/colour.ts';
import { appIdOption, requireAppId } from '../options/app-id.ts';
import { textOrJsonOption } from '../options/format.ts';
import { addRenderOptions, renderValid, resolveRenderOptions, withOrgDeployOf } from '../options/render.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { tokenStoreOption } from '../options/token-store.ts';

export function define(command: Command, run: Run): void {
  addRenderOptions(command)
    .summary('compare the live app with what the domain needs')
    .description(
      'Compares the live app with what the domain needs, field by field. Exits with 1 if they differ.',
    )
    .addOption(appIdOption())
    .addOption(textOrJsonOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
    .action(
      run(async (context, options) => {
        const { terminal } = context;
        const renderOptions = await resolveRenderOptions(options, context);
        const appId = await requireAppId(options.appId, context, options.envFile);
        const [{ openSession }, { diffManifests }, { diffAsJson, diffAsText }] = await Promise.all([
          import('./session.ts'),
          import('../../manifest/diff.ts'),
          import('../../manifest/report/diff-report.ts'),
        ]);
        const { apps, done } = await openSession(options, context);
        const live = done(await apps.export(appId), `export the app ${appId}`);
        const needed = await renderValid(withOrgDeployOf(live, renderOptions), context);
        const changes = diffManifests(live, needed);
        const names = { actual: `the app ${appId}`, wanted: renderOptions.domain };
        if (options.format === 'json') terminal.result(diffAsJson(changes));
        else terminal.report(diffAsText(changes, names, await penFor(terminal, 'stdout')));
        return changes.length === 0 ? ExitCode.done : ExitCode.found;
      }),
    );
}
