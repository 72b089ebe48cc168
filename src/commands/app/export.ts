import { type Command, Option } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import { ExitCode } from '../../exit-code.ts';
import { appIdOption, requireAppId } from '../options/app-id.ts';
import { envFileOption } from '../options/env-file.ts';
import { forceOption, outOption } from '../options/out.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { tokenStoreOption } from '../options/token-store.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';

export function define(command: Command, run: Run): void {
  command
    .summary('print the manifest of the live app')
    .description('Prints the manifest of the live app, as Slack returns it.')
    .addOption(appIdOption())
    .addOption(
      new Option('--format <format>', 'the output format')
        .choices(['json', 'yaml'] as const)
        .default('json' as const),
    )
    .addOption(outOption('the manifest'))
    .addOption(forceOption())
    .addOption(envFileOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption())
    .action(
      run(async (context, options) => {
        const target = resultTarget(options);
        const appId = await requireAppId(options.appId, context, options.envFile);
        const { openSession } = await import('./session.ts');
        const { apps, done } = await openSession(options, context);
        const manifest = done(await apps.export(appId), `export the app ${appId}`);
        const { toJson, toYaml } = await import('../../manifest/render.ts');
        const content = options.format === 'yaml' ? await toYaml(manifest) : toJson(manifest);
        await writeResult(content, target, context);
        return ExitCode.done;
      }),
    );
}
