import type { Command } from '@commander-js/extra-typings';
import type { ChalkInstance } from 'chalk';
import type { OptionsOf, Run } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { isObject, type JsonObject } from '../../json-value.ts';
import type { ManifestProblem } from '../../slack/api/app-manifest-api.ts';
import { penFor } from '../../terminal/colour.ts';
import { visible } from '../../text/visible.ts';
import { UserError } from '../../user-error.ts';
import { textOrJsonOption } from '../options/format.ts';
import { readManifestFile } from '../options/manifest-file.ts';
import {
  addRenderOptions,
  type GivenRenderOptions,
  renderValid,
  resolveRenderOptions,
} from '../options/render.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { tokenStoreOption } from '../options/token-store.ts';

export function define(command: Command, run: Run): void {
  addOptions(command)
    .summary('have Slack validate a manifest')
    .description(
      'Validates a manifest offline, then with Slack: a file, or without one the manifest of the domain.',
    )
    .argument('[file]', 'JSON or YAML file; - for stdin')
    .action(run((context, file, options) => validate(file, options, context)));
}

function addOptions(command: Command) {
  return addRenderOptions(command)
    .option('--app-id <id>', 'validate it as the next manifest of this app')
    .addOption(textOrJsonOption())
    .addOption(slackApiUrlOption())
    .addOption(tokenStoreOption());
}

type ValidateOptions = OptionsOf<typeof addOptions>;

/** A finding of ours or of Slack's. Slack gives no line, and its pointers may not exist: they are text. */
interface ValidationRow {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly pointer: string;
  readonly message: string;
  readonly hint: string;
  readonly line?: number;
  readonly column?: number;
}

async function validate(
  name: string | undefined,
  options: ValidateOptions,
  context: Context,
): Promise<ExitCode> {
  if (name !== undefined) rejectRenderOptions(options);
  const [{ toJson }, { validateFile }] = await Promise.all([
    import('../../manifest/render.ts'),
    import('../../manifest/validate.ts'),
  ]);
  const bytes =
    name === undefined
      ? Buffer.from(toJson(await renderValid(await resolveRenderOptions(options, context), context)))
      : await readManifestFile(name, context);
  const file = await validateFile(bytes, name ?? 'manifest.json', { lenient: false });
  const findings: ValidationRow[] = [...file.findings];
  // Slack validates only what passes offline: it would report the same errors with a less exact place.
  if (file.valid && file.value !== undefined) {
    findings.push(...(await askSlack(isObject(file.value) ? file.value : {}, options, context)));
  }
  const valid = findings.every(({ severity }) => severity !== 'error');
  const { terminal } = context;
  const pen = await penFor(terminal, 'stdout');
  if (options.format === 'json') terminal.result(JSON.stringify({ valid, findings }, null, 2));
  else if (!file.valid) {
    const { validateAsText } = await import('../../manifest/report/validate-text.ts');
    terminal.report(validateAsText([file], pen));
  } else terminal.report(asText(findings, pen));
  return valid ? ExitCode.done : ExitCode.found;
}

/** Render options have no effect on a file. */
function rejectRenderOptions(options: GivenRenderOptions): void {
  const { domain, webhookDomain, name, command, color, patch } = options;
  const given = { domain, 'webhook-domain': webhookDomain, name, command, color, patch };
  const option = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (option === undefined) return;
  throw new UserError('usage-conflicting-option', `--${option} cannot be used with a file`, {
    hint: `Leave --${option} out, or the file.`,
    exitCode: 2,
  });
}

async function askSlack(
  manifest: JsonObject,
  options: ValidateOptions,
  context: Context,
): Promise<ValidationRow[]> {
  const [{ openSession }, { manifestProblems }, { explainError }] = await Promise.all([
    import('./session.ts'),
    import('../../slack/api/app-manifest-api.ts'),
    import('../../slack/error-words/error-words.ts'),
  ]);
  const asRow = (
    { message, code, place }: ManifestProblem,
    severity: ValidationRow['severity'],
  ): ValidationRow => ({
    rule: `slack:${code ?? 'invalid_manifest'}`,
    severity,
    pointer: place ?? '',
    message,
    hint: explainError(code ?? '')?.advice ?? 'Compare with https://docs.slack.dev/reference/app-manifest.',
  });
  const { apps, done } = await openSession(options, context);
  const result = await apps.validate(manifest, options.appId);
  if (result.ok) return result.value.map((problem) => asRow(problem, 'warning'));
  const problems = manifestProblems(result.failure);
  if (problems.length === 0) done(result, 'have Slack validate the manifest');
  return problems.map((problem) => asRow(problem, 'error'));
}

function asText(findings: readonly ValidationRow[], pen: ChalkInstance): string {
  const lines = findings.map(({ severity, pointer, message, rule, hint }) => {
    const label = severity === 'error' ? pen.red('error') : pen.yellow('warning');
    const place = pointer === '' ? '' : `${pen.bold(visible(pointer))} `;
    return `${place}${label} ${visible(message)} ${pen.dim(`[${visible(rule)}]`)}\n  ${visible(hint)}\n\n`;
  });
  const valid = findings.every(({ severity }) => severity !== 'error');
  return `${lines.join('')}${valid ? pen.green('Slack accepts this manifest.') : pen.red('Slack rejects this manifest.')}`;
}
