import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { readSettings } from '../environment/settings.ts';
import type { JsonValue } from '../manifest/json-value.ts';
import { type RenderOptions, renderManifest } from '../manifest/render.ts';
import type { Context } from '../terminal/context.ts';
import { UserError } from '../user-error.ts';
import { findWebhookDomain, requireDomain } from './domain-option.ts';

/** Adds the options that decide what a manifest holds. */
export function addRenderOptions(command: Command) {
  return command
    .option('--domain <domain>', 'the host that Spacelift answers on (also: SPACELIFT_DOMAIN)')
    .option(
      '--webhook-domain <domain>',
      'the public host for /webhooks/slack where it is another one (also: SPACELIFT_WEBHOOK_DOMAIN)',
    )
    .option('--name <name>', 'name of the app and its bot, for a second installation in one workspace')
    .option('--command <command>', 'slash command, for a second installation in one workspace')
    .option('--color <color>', 'background colour, as #rgb or #rrggbb')
    .option('--patch <file>', 'JSON merge patch (RFC 7396) in JSON or YAML, for anything else')
    .option('--env-file <file>', 'file that holds the variables (default: .env, if there)');
}

export interface RenderFlags {
  readonly domain?: string | undefined;
  readonly webhookDomain?: string | undefined;
  readonly name?: string | undefined;
  readonly command?: string | undefined;
  readonly color?: string | undefined;
  readonly patch?: string | undefined;
  readonly envFile?: string | undefined;
}

/**
 * Turns the options into values: domains are looked up and checked, the patch file is read.
 *
 * @throws UserError for a bad or missing domain, and for a patch that cannot be read
 */
export async function resolveRenderOptions(flags: RenderFlags, context: Context): Promise<RenderOptions> {
  const { terminal, env, cwd } = context;
  const settings = await readSettings({ env, cwd, envFile: flags.envFile });
  const patch = flags.patch === undefined ? undefined : await readPatch(flags.patch, cwd);
  const domain = await requireDomain(flags.domain, settings, terminal);
  const webhookDomain = findWebhookDomain(flags.webhookDomain, settings, terminal) ?? domain;
  const { name, command, color } = flags;
  return { domain, webhookDomain, name, command, color, patch };
}

/**
 * Renders, and passes on only what Slack would take; what it might not like is said on stderr.
 *
 * @throws UserError `manifest-invalid` with everything that is wrong
 */
export async function renderValid(options: RenderOptions, { terminal }: Context): Promise<JsonValue> {
  const { manifest, remarks } = await renderManifest(options);
  const errors = remarks.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first) {
    const list = errors.map(({ pointer, message }) => `${pointer || 'the whole'}: ${message}`).join('; ');
    throw new UserError('manifest-invalid', `Slack would refuse this manifest: ${list}`, {
      hint: first.hint,
      exitCode: 2,
    });
  }
  for (const { pointer, message, hint } of remarks) terminal.warn(`${pointer}: ${message}. ${hint}`);
  if (options.command !== undefined && options.command !== '/spacelift') {
    terminal.note(
      'note: Spacelift documents the command /spacelift; its own texts will go on naming that one.',
    );
  }
  return manifest;
}

async function readPatch(file: string, cwd: string): Promise<JsonValue> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(resolve(cwd, file));
  } catch (cause) {
    throw new UserError('patch-unreadable', `the patch ${file} cannot be read`, {
      hint: 'Check the name given with --patch and its permissions.',
      exitCode: 2,
      cause,
    });
  }
  const { readSource } = await import('../manifest/read-source.ts');
  const { lines, reading } = await readSource(bytes, file);
  const problem = reading.problems.find(({ severity }) => severity === 'error');
  if (reading.ok && !problem) return reading.document.value;
  const { line, column } = lines.position(problem?.offset ?? 0);
  throw new UserError('patch-invalid', `${file}:${line}:${column}: ${problem?.message ?? 'unreadable'}`, {
    hint: problem?.hint ?? 'Write a JSON or YAML object.',
    exitCode: 2,
  });
}
