import type { ChalkInstance } from 'chalk';
import type { Context } from '../../cli/context.ts';
import { ExitCode } from '../../exit-code.ts';
import { isObject, type JsonObject } from '../../json-value.ts';
import { toJson } from '../../manifest/render.ts';
import { validateAsText } from '../../manifest/report/validate-text.ts';
import { validateFile } from '../../manifest/validate.ts';
import { type ManifestProblem, manifestProblems } from '../../slack/api/app-manifest-api.ts';
import { explainError } from '../../slack/error-words/error-words.ts';
import { penFor } from '../../terminal/colour.ts';
import { visible } from '../../text/visible.ts';
import { UserError } from '../../user-error.ts';
import { readManifestFile } from '../manifest/files.ts';
import { type RenderFlags, renderValid, resolveRenderOptions } from '../options/render.ts';
import { openSession, type SessionFlags } from './session.ts';

interface Flags extends RenderFlags, SessionFlags {
  readonly appId?: string | undefined;
  readonly format: 'text' | 'json';
}

/** A finding of ours or of Slack's. Slack names no line, and its pointers may lead nowhere: they are text. */
interface Finding {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly pointer: string;
  readonly message: string;
  readonly hint: string;
  readonly line?: number;
  readonly column?: number;
}

export async function validate(name: string | undefined, flags: Flags, context: Context): Promise<ExitCode> {
  if (name !== undefined) refuseRenderOptions(flags);
  const bytes =
    name === undefined
      ? Buffer.from(toJson(await renderValid(await resolveRenderOptions(flags, context), context)))
      : await readManifestFile(name, context);
  const file = await validateFile(bytes, name ?? 'manifest.json', { lenient: false });
  const findings: Finding[] = [...file.findings];
  // Slack is asked only about what could pass: it would complain about the same, with less of a place.
  if (file.valid && file.value !== undefined) {
    findings.push(...(await askSlack(isObject(file.value) ? file.value : {}, flags, context)));
  }
  const valid = findings.every(({ severity }) => severity !== 'error');
  const { terminal } = context;
  const pen = penFor(terminal, 'stdout');
  if (flags.format === 'json') terminal.result(JSON.stringify({ valid, findings }, null, 2));
  else if (!file.valid) terminal.result(validateAsText([file], pen));
  else terminal.result(asText(findings, pen));
  return valid ? ExitCode.done : ExitCode.found;
}

/** They decide what is rendered, and a file is taken as it is. */
function refuseRenderOptions(flags: RenderFlags): void {
  const { domain, webhookDomain, name, command, color, patch } = flags;
  const given = { domain, 'webhook-domain': webhookDomain, name, command, color, patch };
  const option = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (option === undefined) return;
  throw new UserError('usage-conflicting-option', `--${option} goes with the domain's own manifest alone`, {
    hint: `Leave --${option} out, or the file.`,
    exitCode: 2,
  });
}

async function askSlack(manifest: JsonObject, flags: Flags, context: Context): Promise<Finding[]> {
  const { apps, done } = await openSession(flags, context);
  const result = await apps.validate(manifest, flags.appId);
  if (result.ok) return result.value.map((problem) => asFinding(problem, 'warning'));
  const problems = manifestProblems(result.failure);
  if (problems.length === 0) done(result, 'have Slack check the manifest');
  return problems.map((problem) => asFinding(problem, 'error'));
}

function asFinding({ message, code, place }: ManifestProblem, severity: Finding['severity']): Finding {
  const word = explainError(code ?? '');
  return {
    rule: `slack:${code ?? 'invalid_manifest'}`,
    severity,
    pointer: place ?? '',
    message,
    hint: word?.advice ?? 'Compare with https://docs.slack.dev/reference/app-manifest.',
  };
}

function asText(findings: readonly Finding[], pen: ChalkInstance): string {
  const lines = findings.map(({ severity, pointer, message, rule, hint }) => {
    const label = severity === 'error' ? pen.red('error') : pen.yellow('warning');
    const place = pointer === '' ? '' : `${pen.bold(visible(pointer))} `;
    return `${place}${label} ${visible(message)} ${pen.dim(`[${visible(rule)}]`)}\n  ${visible(hint)}\n\n`;
  });
  const valid = findings.every(({ severity }) => severity !== 'error');
  return `${lines.join('')}${valid ? pen.green('Slack takes this manifest.') : pen.red('Slack refuses this manifest.')}`;
}
