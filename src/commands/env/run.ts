import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { appTokenVariable } from '../../environment/app-token.ts';
import {
  type Credentials,
  credentialPlaceholders,
  credentialVariables,
  maskCredentials,
} from '../../environment/credentials.ts';
import { type Deployment, type DeploymentFormat, usualDeployment } from '../../environment/formats/format.ts';
import { formatNamed } from '../../environment/formats/formats.ts';
import type { NamedFile, StoreOutcome } from '../../environment/secret-file.ts';
import { readEnvFile } from '../../environment/settings.ts';
import { ExitCode } from '../../exit-code.ts';
import { UserError } from '../../user-error.ts';
import { readSettingsAndSecrets, requireCredentials } from '../options/credentials.ts';
import { goesToStdout, resultTarget, writeResult } from '../output/result-file.ts';
import { keepOutOfCiLog } from '../output/values-on-stdout.ts';
import type { EnvOptions } from './options.ts';

/** Writes the variables as the options say. */
export async function writeVariables(context: Context, options: EnvOptions): Promise<ExitCode> {
  rejectConflicts(options);
  if (options.for === 'relay') return writeRelayFile(options, context);
  if (options.check !== undefined) return check(options.check, options, context);
  const form = formatNamed(options.format ?? 'dotenv');
  const deployment = {
    namespace: options.namespace ?? usualDeployment.namespace,
    secretName: options.secretName ?? usualDeployment.secretName,
    merged: options.merge !== undefined,
  };
  const isSecret = form.holdsValues && !options.placeholders;
  const credentials = isSecret
    ? await requireCredentials(await readSettingsAndSecrets(options, context), context, !options.secretsStdin)
    : credentialPlaceholders;
  const file = await deliver({ form, credentials, isSecret, deployment }, options, context);
  if (options.placeholders) return ExitCode.done;
  const { nextStepsAfterEnv } = await import('../output/next-steps-after-env.ts');
  const written = { format: form, file, deployment, credentials: isSecret ? credentials : undefined };
  for (const line of await nextStepsAfterEnv(written, options.envFile, context)) context.terminal.note(line);
  return ExitCode.done;
}

/** The file of a relay in Socket Mode: the signing secret and the app-level token, and nothing of Spacelift's. */
async function writeRelayFile(options: EnvOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  const [{ requireRelaySecrets }, { maskedRelaySecrets, renderRelayFile }] = await Promise.all([
    import('../options/relay-secrets.ts'),
    import('../../environment/relay-variables.ts'),
  ]);
  const wanted = [credentialVariables.signingSecret, appTokenVariable];
  const settings = await readSettingsAndSecrets(options, context, wanted);
  const secrets = await requireRelaySecrets(settings, terminal, !options.secretsStdin);
  const target = resultTarget(options);
  const masks = !target && terminal.showsResult && !options.reveal;
  if (!target && !masks) keepOutOfCiLog(Object.values(secrets), options.reveal === true, context);
  await writeResult(renderRelayFile(masks ? maskedRelaySecrets : secrets), target, context, {
    readers: 'owner',
  });
  if (masks) {
    terminal.note('# The secrets are masked: pass --reveal to see them, or --out FILE for a file of them.');
  }
  const { nextStepsAfterRelayFile } = await import('../output/next-steps-after-env.ts');
  const steps = await nextStepsAfterRelayFile(target?.file, options.envFile, context);
  for (const line of steps) terminal.note(line);
  return ExitCode.done;
}

interface Content {
  readonly form: DeploymentFormat;
  readonly credentials: Credentials;
  /** False for placeholders, and for a format that holds no values. */
  readonly isSecret: boolean;
  readonly deployment: Deployment;
}

/** @returns the file that was written, or nothing for stdout */
async function deliver(content: Content, options: EnvOptions, context: Context): Promise<string | undefined> {
  const { form, credentials, isSecret, deployment } = content;
  const name = mergedFile(options);
  if (name !== undefined) {
    const file = { name, path: resolve(context.cwd, name) };
    const outcome = await mergeInto(file, credentials, options);
    const { reportSecretFile } = await import('../output/secret-file-report.ts');
    await reportSecretFile(file, outcome, isSecret, context);
    return name;
  }
  const { terminal } = context;
  const target = resultTarget(options);
  const masks = !target && isSecret && terminal.showsResult && !options.reveal;
  if (!target && isSecret && !masks) {
    keepOutOfCiLog([credentials.clientSecret, credentials.signingSecret], options.reveal === true, context);
  }
  const text = form.render(masks ? maskCredentials(credentials) : credentials, deployment);
  await writeResult(text, target, context, { readers: isSecret ? 'owner' : 'everybody' });
  if (masks)
    terminal.note(
      '# The secrets are masked: pass --reveal to print them, or --out FILE to write them to a file.',
    );
  return target?.file;
}

/** The file that the values are merged into; undefined if the whole text is written. */
function mergedFile({ write, merge, placeholders }: EnvOptions): string | undefined {
  if (write === true) return placeholders ? '.env.example' : '.env';
  return write ?? merge;
}

async function mergeInto(
  file: NamedFile,
  credentials: Credentials,
  { write, placeholders }: EnvOptions,
): Promise<StoreOutcome> {
  if (write === undefined) {
    const { storeInstallerConfig } = await import('../../environment/installer-config.ts');
    return storeInstallerConfig(file, credentials);
  }
  const { storeCredentials, storePlaceholders } = await import('../../environment/env-file.ts');
  return placeholders ? storePlaceholders(file) : storeCredentials(file, credentials);
}

async function check(name: string, options: EnvOptions, context: Context): Promise<ExitCode> {
  // No default env file here: it would often be the very file that is compared.
  const sources = { envFile: options.envFile ?? (false as const), secretsStdin: options.secretsStdin };
  const environment = await readSettingsAndSecrets(sources, context);
  const { compareVariables, isSame, renderComparison, renderComparisonJson } = await import(
    '../../environment/compare.ts'
  );
  const comparisons = compareVariables(await readEnvFile(name, true, context), environment);
  if (options.format === 'json') context.terminal.result(renderComparisonJson(comparisons));
  else context.terminal.report(renderComparison(comparisons));
  return isSame(comparisons) ? ExitCode.done : ExitCode.found;
}

function rejectConflicts(options: EnvOptions): void {
  const { format = 'dotenv', write, merge, out, check, namespace, secretName, reveal } = options;
  if (options.for === 'relay') {
    for (const [name, value] of Object.entries({ write, merge, check })) {
      if (value !== undefined) throw conflict(`--${name}`, '--for spacelift', 'Pass --out FILE instead.');
    }
    if (format !== 'dotenv' || options.placeholders) {
      const option = options.placeholders ? '--placeholders' : `--format ${format}`;
      throw conflict(option, '--for spacelift', 'Leave it out: the file of a relay is a dotenv file.');
    }
  }
  // Rejects --force without --out.
  resultTarget(options);
  if (reveal && (write !== undefined || merge !== undefined || !goesToStdout(out ?? '-'))) {
    throw conflict('--reveal', 'output to stdout', 'Leave --reveal out: files contain the values anyway.');
  }
  if (write !== undefined && format !== 'dotenv') {
    throw conflict('--write', '--format dotenv', `Pass --out FILE for a file in the format ${format}.`);
  }
  if (merge !== undefined && format !== 'cloudformation')
    throw conflict('--merge', '--format cloudformation');
  if (check !== undefined && format !== 'dotenv' && format !== 'json') {
    throw conflict(
      '--check',
      'a dotenv file',
      'Leave --format out, or pass --format json for a report in JSON.',
    );
  }
  const isKubernetes = format.startsWith('kubernetes');
  const kubernetes = '--format kubernetes or kubernetes-patch';
  if (namespace !== undefined && !isKubernetes) throw conflict('--namespace', kubernetes);
  if (secretName !== undefined && !isKubernetes) throw conflict('--secret-name', kubernetes);
}

function conflict(
  option: string,
  needed: string,
  hint = `Pass ${needed} too, or leave ${option} out.`,
): UserError {
  return new UserError('usage-conflicting-option', `${option} requires ${needed}`, {
    hint,
    exitCode: 2,
  });
}
