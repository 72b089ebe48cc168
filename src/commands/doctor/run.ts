import { appendFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import type { CheckId } from '../../doctor/catalogue/catalogue.ts';
import { allChecks } from '../../doctor/checks/all.ts';
import { examine } from '../../doctor/examine.ts';
import { httpsPort } from '../../doctor/probe/network.ts';
import { renderGithub } from '../../doctor/report/github.ts';
import { renderHtml } from '../../doctor/report/html.ts';
import { renderJunit } from '../../doctor/report/junit.ts';
import { renderMarkdown } from '../../doctor/report/markdown.ts';
import { marksFor } from '../../doctor/report/marks.ts';
import { type Examination, failsRun } from '../../doctor/report/report.ts';
import { renderText } from '../../doctor/report/text.ts';
import { describeVantage } from '../../doctor/report/vantage.ts';
import { requiresDomain, select } from '../../doctor/select.ts';
import { openSubject, type SubjectOptions } from '../../doctor/subject.ts';
import type { Domain } from '../../domain.ts';
import { appTokenVariable } from '../../environment/app-token.ts';
import { findLookAlikes } from '../../environment/credential-checks.ts';
import { credentialParts, credentialVariables, readCredentials } from '../../environment/credentials.ts';
import { inspectExposure } from '../../environment/file-exposure.ts';
import type { Setting, Settings } from '../../environment/settings.ts';
import { ExitCode } from '../../exit-code.ts';
import { fileNotWritten } from '../../files/file-error.ts';
import { readRoots } from '../../net/root-file.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { UserError } from '../../user-error.ts';
import { readAppId } from '../options/app-id.ts';
import { requireUsed } from '../options/connect-to.ts';
import { findSpaceliftDomain, findWebhookDomain, requireDomain, usesSocketMode } from '../options/domain.ts';
import { reportOrigin } from '../options/origin.ts';
import { readSlackUrl } from '../options/slack-api-url.ts';
import { type ResultFile, requireFree, resultTarget, writeResult } from '../output/result-file.ts';
import { penForResult } from '../output/result-pen.ts';
import type { DoctorOptions } from './options.ts';
import { openProgress } from './progress.ts';
import { readUpstream } from './upstream.ts';

/** What a command that runs doctor gives it besides options. */
export interface DoctorSecrets {
  /** The configuration token to export the app with, in place of SLACK_CONFIG_TOKEN. */
  readonly configToken?: string | undefined;
  /** The app-level token, in place of SLACK_APP_TOKEN. */
  readonly appToken?: string | undefined;
  /** The variables of the process environment that do not override the env file. */
  readonly notFromEnvironment?: readonly string[];
}

/** A run of doctor. */
export interface DoctorRun {
  readonly exitCode: ExitCode;
  /** The checks that failed. */
  readonly failed: readonly CheckId[];
}

/** Checks a deployment and prints the report. */
export async function runDoctor(
  options: DoctorOptions,
  context: Context,
  secrets: DoctorSecrets = {},
): Promise<DoctorRun> {
  const { terminal, env, now, interruption } = context;
  const target = resultTarget(options);
  if (target) await requireFree(target, context);
  const subject = await readSubject(options, context, secrets);
  const { domain, webhookDomain } = subject.target ?? {};
  const hosts = [...new Set([webhookDomain, domain])].filter((host) => host !== undefined);
  requireUsed(options.connectTo ?? [], hosts, httpsPort);
  const checks = allChecks({ ownHost: domain !== webhookDomain, socketMode: subject.socketMode });
  const selection = select(checks, { ...selectedBy(options), domain: domain !== undefined });
  if (selection.runs.size === 0) throw nothingLeft(options);
  const progress = await openProgress(terminal, selection.checks);
  const examination = await examine({
    ...selection,
    ...progress.listeners,
    target: subject.target,
    vantage: describeVantage({
      hostname: hostname(),
      network: selection.checks.some(({ id, network }) => network && selection.runs.has(id)),
      dnsServer: options.dns,
      connectTo: options.connectTo ?? [],
      ca: options.ca,
      proxy: [env['HTTPS_PROXY'], env['https_proxy']].some(Boolean),
      socketMode: subject.socketMode,
    }),
    strict: options.strict === true,
    timeoutMs: options.timeout,
    waitMs: options.wait ?? 0,
    interruption,
    now,
    openSubject: (signal) => openSubject({ ...subject, ...selection }, signal),
  }).finally(progress.close);

  await publish(examination, options.format, target, context);
  const { report } = examination;
  const failing = report.checks.filter((check) => failsRun(check, examination));
  const found = report.end === 'finished' || failing.length > 0;
  return {
    exitCode: report.ok ? ExitCode.done : found ? ExitCode.found : ExitCode.failed,
    failed: failing.map(({ id }) => id),
  };
}

function selectedBy({ only, skip, offline }: DoctorOptions) {
  return { only, skip: skip ?? [], offline: offline === true };
}

/** The domain, which may be missing if the checks of this run do without one. */
function readDomain(
  options: DoctorOptions,
  settings: Settings,
  terminal: Terminal,
): Promise<Domain | undefined> | Domain | undefined {
  const checks = allChecks({ ownHost: false, socketMode: options.socketMode === true });
  return options.connectTo !== undefined || requiresDomain(checks, selectedBy(options))
    ? requireDomain(options.domain, settings, terminal)
    : findSpaceliftDomain(options.domain, settings, terminal);
}

async function readSubject(
  options: DoctorOptions,
  context: Context,
  { configToken, appToken, notFromEnvironment = [] }: DoctorSecrets,
): Promise<Omit<SubjectOptions, 'runs' | 'connectionReporter'>> {
  const { terminal, env, cwd, now } = context;
  const counted = Object.fromEntries(
    Object.entries(env).filter(([name]) => !notFromEnvironment.includes(name)),
  );
  const settings = await context.settingsFrom(counted, options.envFile);
  const domain = await readDomain(options, settings, terminal);
  const socketMode = usesSocketMode(options, domain, settings, terminal);
  const upstream = readUpstream({ ...options, socketMode }, domain);
  const found = findSources(settings);
  for (const part of credentialParts) {
    const file = found.shadowed[part];
    if (file === undefined) continue;
    terminal.note(
      `${credentialVariables[part]} comes from ${found.sources[part]}; ${file} holds a different value.`,
    );
  }
  const appId = findAppId(options, settings, upstream !== undefined, context);
  const webhookDomain =
    upstream?.host ?? findWebhookDomain(options.webhookDomain, domain, settings, terminal) ?? domain;
  return {
    target: domain && webhookDomain && { domain, webhookDomain },
    socketMode: upstream !== undefined,
    appToken: appToken ?? settings.get(appTokenVariable)?.value,
    credentials: readCredentials(settings),
    ...found,
    lookAlikes: findLookAlikes(settings),
    envFile: await inspectEnvFile(settings.envFile, settings, context),
    app: {
      id: appId,
      configToken: configToken ?? settings.get('SLACK_CONFIG_TOKEN')?.value,
    },
    connectTo: [...(options.connectTo ?? []), ...(upstream?.connectTo ?? [])],
    dnsServer: options.dns,
    extraRoots:
      options.ca === undefined
        ? []
        : await readRoots(resolve(cwd, options.ca), options.ca, context.inputWait),
    slackUrl: readSlackUrl(options.slackApiUrl, settings, context, (line) => terminal.warn(line)),
    env,
    now,
  };
}

/** The app that is compared: in Socket Mode, and where the project file remembers it, without the option too. */
function findAppId(
  { appId }: DoctorOptions,
  settings: Settings,
  socketMode: boolean,
  context: Context,
): string | undefined {
  if (appId !== undefined) return readAppId(appId, '--app-id');
  const setting = settings.get('SLACK_APP_ID');
  if (setting?.file !== 'project') return socketMode ? setting?.value : undefined;
  reportOrigin(setting, { what: 'the app id', instead: '--app-id <id>' }, context, undefined);
  return setting.value;
}

/** A run without a check would look like one that has found nothing. */
function nothingLeft({ only, skip, offline }: DoctorOptions): UserError {
  const given = [only && '--only', skip && '--skip', offline && '--offline'].filter(Boolean).join(' with ');
  return new UserError('checks-none-left', `${given} leaves no check to run`, {
    hint: 'Skip fewer checks; doctor --list prints all of them by group.',
    exitCode: 2,
  });
}

/** Where each credential comes from, and the file whose different value it overrides. */
function findSources(settings: Settings): Pick<SubjectOptions, 'sources' | 'shadowed'> {
  const found = credentialParts.map((part) => ({ part, setting: settings.get(credentialVariables[part]) }));
  const byPart = (read: (setting: Setting) => string | undefined) =>
    Object.fromEntries(
      found.flatMap(({ part, setting }) => {
        const value = setting && read(setting);
        return value === undefined ? [] : [[part, value]];
      }),
    );
  return {
    sources: byPart(({ source }) => (source === 'environment' ? 'the environment' : source)),
    shadowed: byPart(({ overrides }) => overrides),
  };
}

/** The env file matters where a secret comes from it. */
async function inspectEnvFile(name: string, settings: Settings, { cwd, env }: Context) {
  const used = ([...Object.values(credentialVariables), 'SLACK_CONFIG_TOKEN'] as const).some(
    (variable) => settings.get(variable)?.source === name,
  );
  return used ? { name, exposure: await inspectExposure(resolve(cwd, name), env) } : undefined;
}

async function publish(
  examination: Examination,
  format: DoctorOptions['format'],
  target: ResultFile | undefined,
  context: Context,
): Promise<void> {
  const { report } = examination;
  const renderers = {
    text: async () =>
      renderText(examination, {
        pen: await penForResult(context.terminal, target?.file),
        marks: marksFor(context.env),
        detail: context.terminal.quiet ? 'failures' : context.terminal.verbose ? 'all' : 'groups',
      }),
    json: () => `${JSON.stringify(report, null, 2)}\n`,
    junit: () => renderJunit(examination),
    markdown: () => renderMarkdown(examination),
    html: () => renderHtml(examination),
    github: () => renderGithub(examination),
  };
  await writeResult(await renderers[format](), target, context, { wraps: format === 'text' });
  const summary = context.env['GITHUB_STEP_SUMMARY'];
  if (format !== 'github' || !summary) return;
  try {
    await appendFile(resolve(context.cwd, summary), renderMarkdown(examination));
  } catch (cause) {
    const hint = 'Unset GITHUB_STEP_SUMMARY, or have it name a file that you may write.';
    throw fileNotWritten(`${summary} (GITHUB_STEP_SUMMARY)`, cause, hint);
  }
}
