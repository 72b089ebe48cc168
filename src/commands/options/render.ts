import type { Command } from '@commander-js/extra-typings';
import type { OptionsOf } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { hasPrivateEnding } from '../../domain.ts';
import { isObject, type JsonValue, valueAt } from '../../json-value.ts';
import type { Remark } from '../../manifest/finding.ts';
import { type RenderOptions, renderManifest } from '../../manifest/render.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';
import {
  domainOption,
  findWebhookDomain,
  requireDomain,
  usesSocketMode,
  webhookDomainOption,
} from './domain.ts';
import { envFileOption } from './env-file.ts';
import { readManifestFile } from './manifest-file.ts';
import type { ChangeOfApp } from './origin.ts';

/** Adds the options that decide what a manifest holds. */
export function addRenderOptions(command: Command) {
  return command
    .addOption(domainOption())
    .addOption(webhookDomainOption())
    .option('--name <name>', 'name of the app and its bot (default: Spacelift)')
    .option('--command <command>', 'the slash command (default: /spacelift)')
    .option('--color <color>', 'background colour, as #rgb or #rrggbb')
    .option('--org', 'let a whole Enterprise organisation install the app: sets org_deploy_enabled')
    .option('--socket-mode', 'use Socket Mode: Slack calls no URL, see serve --socket-mode')
    .option('--patch <file>', 'apply a JSON merge patch (RFC 7396), in JSON or YAML; - for stdin')
    .addOption(envFileOption());
}

/** What {@link addRenderOptions} adds. */
export type GivenRenderOptions = OptionsOf<typeof addRenderOptions>;

/**
 * Turns the options into values: domains are looked up and checked, the patch file is read.
 *
 * @param change what a command changes with them
 * @throws UserError for a bad or missing domain, `value-from-folder`, and for a patch that cannot be read
 */
export async function resolveRenderOptions(
  options: GivenRenderOptions,
  context: Context,
  change?: ChangeOfApp,
): Promise<RenderOptions> {
  const { terminal } = context;
  const settings = await context.settings(options.envFile);
  const patch = options.patch === undefined ? undefined : await readPatch(options.patch, context);
  const domain = await requireDomain(options.domain, settings, terminal, change);
  const webhookDomain =
    findWebhookDomain(options.webhookDomain, domain, settings, terminal, change) ?? domain;
  const socketMode = usesSocketMode(options, domain, settings, terminal, change);
  const { name, command, color, org: orgDeploy } = options;
  return { domain, webhookDomain, name, command, color, orgDeploy, socketMode, patch };
}

/**
 * Takes over org_deploy_enabled from a manifest where no option sets it: an app of an Enterprise organisation needs it,
 * and no other app is harmed by it.
 */
export function withOrgDeployOf(manifest: JsonValue, options: RenderOptions): RenderOptions {
  const orgDeploy = options.orgDeploy ?? valueAt(manifest, '/settings/org_deploy_enabled') === true;
  return { ...options, orgDeploy };
}

/**
 * Renders a manifest that Slack accepts; warnings about it go to stderr.
 *
 * @throws UserError `manifest-invalid` with all errors
 */
export async function renderValid(options: RenderOptions, { terminal }: Context): Promise<JsonValue> {
  const { manifest, remarks } = await renderManifest(options);
  const errors = remarks.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first) {
    const list = errors.map(({ pointer, message }) => `${pointer || 'the manifest'}: ${message}`).join('; ');
    throw new UserError('manifest-invalid', `Slack would reject this manifest: ${list}`, {
      hint: first.hint,
      exitCode: 2,
    });
  }
  for (const line of once(remarks)) terminal.warn(line);
  if (!options.socketMode && hasPrivateEnding(options.webhookDomain)) terminal.note(fourWays);
  noteSecondInstallation(options, terminal);
  return manifest;
}

/** A line for each remark; the places that share one are in the same line. */
function once(remarks: readonly Remark[]): readonly string[] {
  const texts = new Set(remarks.map(({ message, hint }) => `${message}. ${hint}`));
  return [...texts].map((text) => {
    const places = remarks.filter(({ message, hint }) => text === `${message}. ${hint}`);
    return `${places.map(({ pointer }) => pointer).join(', ')}: ${text}`;
  });
}

const fourWays = `Slack cannot reach this host from the internet. Take the first way that fits:
  1. Give Spacelift a public DNS name.
  2. Have a public load balancer forward /webhooks/slack alone: --webhook-domain HOST.
  3. Run the relay on a small public host: serve --upstream, and --webhook-domain HOST.
  4. Use Socket Mode, without any inbound connection: --socket-mode.`;

/** Two apps in one workspace need two names and two commands; Spacelift documents one of each. */
function noteSecondInstallation({ name, command, color }: RenderOptions, terminal: Terminal): void {
  if (command !== undefined && command !== '/spacelift') {
    terminal.note('note: Spacelift documents the command /spacelift; its own texts still name that one.');
  } else if (name !== undefined || color !== undefined) {
    terminal.note(
      'note: the command is /spacelift. A second app in the same workspace takes it over from the first: pass ' +
        '--command to give it another.',
    );
  }
}

async function readPatch(file: string, context: Context): Promise<JsonValue> {
  const { readSource } = await import('../../manifest/source/read-source.ts');
  const bytes = await readManifestFile(file, context);
  const { lines, reading } = await readSource(bytes, file);
  const problem = reading.problems.find(({ severity }) => severity === 'error');
  const hint = 'Write the parts to change as a JSON or YAML object; null removes a key (RFC 7396).';
  if (problem) {
    const { line, column } = lines.position(problem.offset);
    const message = `${file}:${line}:${column}: ${problem.message}`;
    throw new UserError('patch-invalid', message, { hint, exitCode: 2 });
  }
  if (reading.ok && isObject(reading.document.value)) return reading.document.value;
  throw new UserError('patch-invalid', `${file}: expected a merge patch, which is an object`, {
    hint,
    exitCode: 2,
  });
}
