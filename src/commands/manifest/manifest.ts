import { type Command, Option } from '@commander-js/extra-typings';
import type { Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import type { JsonValue } from '../../json-value.ts';
import { longLink, toCreateAppLink, toJson, toYaml } from '../../manifest/render.ts';
import { addRenderOptions, type RenderFlags, renderValid, resolveRenderOptions } from '../options/render.ts';
import { resultTarget, writeResult } from '../output/result-file.ts';

const formats = ['json', 'yaml', 'url'] as const;
type Format = (typeof formats)[number];

export function define(command: Command, run: Run): void {
  // Without this, `manifest diff --domain` would be taken for an option of `manifest` itself.
  command.enablePositionalOptions();
  addRenderOptions(command)
    .addOption(new Option('--format <format>', 'how to print it').choices(formats).default('json' as const))
    .option('--open', "open Slack's create-app page with the manifest in the browser")
    .option('--out <file>', 'write to a file instead of stdout')
    .option('--force', 'let --out overwrite other content')
    .addHelpText(
      'after',
      `
Examples:
  spacelift-slack manifest --domain spacelift.example.com > manifest.json
  spacelift-slack manifest --domain spacelift.example.com --open
  spacelift-slack manifest validate manifest.json
  spacelift-slack manifest diff manifest.json --domain spacelift.example.com`,
    )
    .action((flags) => run((context) => render(flags, context)));

  const validate = command.command('validate').summary('check manifests of any Slack app, offline');
  const diff = command.command('diff').summary('compare a manifest with what a domain needs');
  defineValidate(validate, run);
  defineDiff(diff, run);
}

function defineValidate(command: Command, run: Run): void {
  command
    .description("Checks manifests of any Slack app, offline: Slack's schema and the rules between fields.")
    .argument('[files...]', 'JSON or YAML files; - or nothing for standard input')
    .option('--lenient', 'take unknown keys for warnings: an export from Slack may carry some')
    .option('--strict', 'let warnings fail too')
    .addOption(
      new Option('--format <format>', 'how to print the findings')
        .choices(['text', 'json', 'github', 'sarif'] as const)
        .default('text' as const),
    )
    .option('--out <file>', 'write the findings to a file instead of stdout')
    .option('--force', 'let --out overwrite other content')
    .action((files, flags) =>
      run(async (context) => (await import('./validate.ts')).validate(files, flags, context)),
    );
}

function defineDiff(command: Command, run: Run): void {
  addRenderOptions(command)
    .description('Compares a manifest with what a domain needs, and says what each difference does.')
    .argument('[file]', 'JSON or YAML file; - or nothing for standard input')
    .addOption(
      new Option('--format <format>', 'how to print the changes')
        .choices(['text', 'json'] as const)
        .default('text' as const),
    )
    .option('--out <file>', 'write the changes to a file instead of stdout')
    .option('--force', 'let --out overwrite other content')
    .action((file, flags) =>
      run(async (context) => (await import('./diff.ts')).diff(file ?? '-', flags, context)),
    );
}

interface Flags extends RenderFlags {
  readonly format: Format;
  readonly open?: true | undefined;
  readonly out?: string | undefined;
  readonly force?: true | undefined;
}

async function render(flags: Flags, context: Context): Promise<ExitCode> {
  const target = resultTarget(flags);
  const manifest = await renderValid(await resolveRenderOptions(flags, context), context);
  await writeResult(await print(manifest, flags.format, context), target, context);
  if (flags.open) {
    const { openInBrowser } = await import('../output/browser.ts');
    await openInBrowser(linkTo(manifest, context));
    context.terminal.note("opened Slack's create-app page in the browser");
  }
  return ExitCode.done;
}

async function print(manifest: JsonValue, format: Format, context: Context): Promise<string> {
  if (format === 'json') return toJson(manifest);
  if (format === 'yaml') return toYaml(manifest);
  return `${linkTo(manifest, context)}\n`;
}

function linkTo(manifest: JsonValue, { terminal }: Context): string {
  const link = toCreateAppLink(manifest);
  if (link.length > longLink) {
    terminal.warn(
      `the link has ${link.length} characters; above ${longLink} browsers and chat programs may cut it off. ` +
        'Paste the manifest itself instead, or shorten the long description with --patch.',
    );
  }
  return link;
}
