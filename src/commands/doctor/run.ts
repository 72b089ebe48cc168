import { appendFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import type { CheckId } from '../../doctor/catalogue/catalogue.ts';
import { allChecks } from '../../doctor/checks/all.ts';
import { examine } from '../../doctor/examine.ts';
import { httpsPort } from '../../doctor/probe/network.ts';
import { renderGithub, renderStepSummary } from '../../doctor/report/github.ts';
import { renderJunit } from '../../doctor/report/junit.ts';
import { type Examination, failsRun } from '../../doctor/report/report.ts';
import { renderText } from '../../doctor/report/text.ts';
import { describeVantage } from '../../doctor/report/vantage.ts';
import { select } from '../../doctor/select.ts';
import { openSubject, type SubjectOptions } from '../../doctor/subject.ts';
import { findLookAlikes } from '../../environment/credential-checks.ts';
import { credentialVariables, readCredentials } from '../../environment/credentials.ts';
import { inspectExposure } from '../../environment/file-exposure.ts';
import { readSettings, type Settings } from '../../environment/settings.ts';
import { ExitCode } from '../../exit-code.ts';
import { fileNotWritten } from '../../files/file-error.ts';
import type { ConnectTo } from '../../net/connect-to.ts';
import { readRoots } from '../../net/root-file.ts';
import { UserError } from '../../user-error.ts';
import { readAppId } from '../app/options.ts';
import { requireUsed } from '../options/connect-to.ts';
import { findWebhookDomain, requireDomain } from '../options/domain.ts';
import { readSlackUrl } from '../options/slack-api-url.ts';
import { type ResultFile, requireFree, resultTarget, writeResult } from '../output/result-file.ts';
import { penForResult } from '../output/result-pen.ts';
import { openProgress } from './progress.ts';

export const formats = ['text', 'json', 'junit', 'github'] as const;

/** The command's options. Durations are milliseconds. */
export interface DoctorFlags {
  readonly domain?: string | undefined;
  readonly webhookDomain?: string | undefined;
  readonly envFile?: string | undefined;
  readonly only?: readonly CheckId[] | undefined;
  readonly skip?: readonly CheckId[] | undefined;
  readonly offline?: boolean | undefined;
  readonly strict?: boolean | undefined;
  readonly timeout: number;
  readonly wait?: number | undefined;
  readonly ca?: string | undefined;
  readonly connectTo?: readonly ConnectTo[] | undefined;
  readonly dns?: string | undefined;
  readonly appId?: string | undefined;
  readonly slackApiUrl?: string | undefined;
  readonly format: (typeof formats)[number];
  readonly out?: string | undefined;
  readonly force?: boolean | undefined;
}

/** Examines a deployment, prints the report, and says how it went. */
export async function runDoctor(flags: DoctorFlags, context: Context): Promise<ExitCode> {
  const { terminal, env, now, interruption } = context;
  const target = resultTarget(flags);
  if (target) await requireFree(target, context);
  const subject = await readSubject(flags, context);
  const { domain, webhookDomain } = subject.target;
  requireUsed(subject.connectTo, [...new Set([webhookDomain, domain])], httpsPort);
  const selection = select(allChecks(domain !== webhookDomain), {
    only: flags.only,
    skip: flags.skip ?? [],
    offline: flags.offline === true,
  });
  if (selection.runs.size === 0) throw nothingLeft(flags);
  const progress = await openProgress(terminal, selection.checks);
  const examination = await examine({
    ...selection,
    ...progress.listeners,
    target: subject.target,
    vantage: describeVantage({
      hostname: hostname(),
      dnsServer: flags.dns,
      connectTo: subject.connectTo,
      ca: flags.ca,
      proxy: [env['HTTPS_PROXY'], env['https_proxy']].some(Boolean),
    }),
    strict: flags.strict === true,
    timeoutMs: flags.timeout,
    waitMs: flags.wait ?? 0,
    interruption,
    now,
    openSubject: (signal) =>
      openSubject({ ...subject, connectionReporter: selection.connectionReporter }, signal),
  }).finally(progress.close);

  await publish(examination, flags.format, target, context);
  const { report } = examination;
  if (report.ok) return ExitCode.done;
  return report.checks.some((check) => failsRun(check, examination)) ? ExitCode.found : ExitCode.failed;
}

async function readSubject(
  flags: DoctorFlags,
  context: Context,
): Promise<Omit<SubjectOptions, 'connectionReporter'>> {
  const { terminal, env, cwd, now } = context;
  const settings = await readSettings({ env, cwd, envFile: flags.envFile });
  const domain = await requireDomain(flags.domain, settings, terminal);
  return {
    target: { domain, webhookDomain: findWebhookDomain(flags.webhookDomain, settings, terminal) ?? domain },
    credentials: readCredentials(settings),
    lookAlikes: findLookAlikes(settings),
    envFile: await inspectEnvFile(flags.envFile ?? '.env', settings, context),
    app: {
      id: flags.appId === undefined ? undefined : readAppId(flags.appId, '--app-id'),
      configToken: settings.get('SLACK_CONFIG_TOKEN')?.value,
    },
    connectTo: flags.connectTo ?? [],
    dnsServer: flags.dns,
    extraRoots: flags.ca === undefined ? [] : await readRoots(resolve(cwd, flags.ca), flags.ca),
    slackUrl: readSlackUrl(flags.slackApiUrl, settings),
    env,
    now,
  };
}

/** A run without a check would be taken for one that has found nothing. */
function nothingLeft({ only, skip, offline }: DoctorFlags): UserError {
  const given = [only && '--only', skip && '--skip', offline && '--offline'].filter(Boolean).join(' with ');
  return new UserError('checks-none-left', `${given} leaves no check to run`, {
    hint: 'Leave out fewer of them; doctor --list shows all checks by group.',
    exitCode: 2,
  });
}

/** The env file matters where a secret comes from it. */
async function inspectEnvFile(name: string, settings: Settings, { cwd, env }: Context) {
  const used = [...Object.values(credentialVariables), 'SLACK_CONFIG_TOKEN'].some(
    (variable) => settings.get(variable)?.source === name,
  );
  return used ? { name, exposure: await inspectExposure(resolve(cwd, name), env) } : undefined;
}

async function publish(
  examination: Examination,
  format: DoctorFlags['format'],
  target: ResultFile | undefined,
  context: Context,
): Promise<void> {
  const { report } = examination;
  const render: Record<DoctorFlags['format'], () => string> = {
    text: () => renderText(report, penForResult(context.terminal, target?.file)),
    json: () => `${JSON.stringify(report, null, 2)}\n`,
    junit: () => renderJunit(examination),
    github: () => renderGithub(examination),
  };
  await writeResult(render[format](), target, context);
  const summary = context.env['GITHUB_STEP_SUMMARY'];
  if (format !== 'github' || !summary) return;
  try {
    await appendFile(resolve(context.cwd, summary), renderStepSummary(examination));
  } catch (cause) {
    const hint = 'Unset GITHUB_STEP_SUMMARY, or have it name a file that you may write.';
    throw fileNotWritten(`${summary} (GITHUB_STEP_SUMMARY)`, cause, hint);
  }
}
