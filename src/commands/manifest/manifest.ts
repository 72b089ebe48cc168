import { type Command, Option } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import type { JsonValue } from '../../json-value.ts';
import { longLink, toCreateAppLink, toJson, toYaml } from '../../manifest/render.ts';
import { forceOption, outOption } from '../options/out.ts';
import { addRenderOptions, renderValid, resolveRenderOptions } from '../options/render.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';
import * as diff from './diff.ts';
import * as validate from './validate.ts';

export function define(command: Command, run: Run): void {
  // Without this, `manifest diff --domain` would be taken for an option of `manifest` itself.
  command.enablePositionalOptions();
  addOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  spacelift-slack manifest --domain spacelift.example.com > manifest.json
  spacelift-slack manifest --domain spacelift.example.com --open
  spacelift-slack manifest validate manifest.json
  spacelift-slack manifest diff manifest.json --domain spacelift.example.com`,
    )
    .action(run(render));
  validate.define(command.command('validate'), run);
  diff.define(command.command('diff'), run);
}

function addOptions(command: Command) {
  return addRenderOptions(command)
    .addOption(
      new Option('--format <format>', 'the output format')
        .choices(['json', 'yaml', 'url'] as const)
        .default('json' as const),
    )
    .option('--open', "open Slack's create-app page with the manifest in the browser")
    .addOption(outOption('the manifest'))
    .addOption(forceOption());
}

async function render(context: Context, options: OptionsOf<typeof addOptions>): Promise<ExitCode> {
  const target = resultTarget(options);
  const manifest = await renderValid(await resolveRenderOptions(options, context), context);
  const formats = {
    json: () => toJson(manifest),
    yaml: () => toYaml(manifest),
    url: () => `${linkTo(manifest, context)}\n`,
  };
  await writeResult(await formats[options.format](), target, context);
  if (options.open) {
    const { openInBrowser } = await import('../output/browser.ts');
    await openInBrowser(linkTo(manifest, context));
    context.terminal.note(whatNext.browser);
  } else if (target === undefined && context.terminal.showsResult) {
    context.terminal.note(whatNext[options.format === 'url' ? 'link' : 'manifest']);
  }
  return ExitCode.done;
}

const whatNext = {
  browser:
    "Opened Slack's create-app page in the browser. Choose the workspace there, and press Create. " +
    'Then write the three variables:  spacelift-slack env --write',
  link: "Open the link: Slack's create-app page shows the manifest. Choose the workspace there, and create the app.",
  manifest:
    'Paste it at https://api.slack.com/apps: Create New App > From a manifest. --open does that in the browser.',
};

/** The link to Slack's create-app page, with a warning where it is too long for some programs. */
function linkTo(manifest: JsonValue, { terminal }: Context): string {
  const link = toCreateAppLink(manifest);
  if (link.length > longLink) {
    terminal.warn(
      `the link has ${link.length} characters: some browsers and chat programs cut links above ${longLink}. ` +
        'Paste the manifest itself, or shorten its long description with --patch.',
    );
  }
  return link;
}
