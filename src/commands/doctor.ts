import { appendFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { writeAtomically } from '../atomic-file.ts';
import type { Run } from '../cli.ts';
import { type CheckId, checkIds, groups } from '../doctor/check.ts';
import { allChecks, findChecks } from '../doctor/checks.ts';
import { type ConnectTo, parseConnectTo } from '../doctor/connect-to.ts';
import { examine } from '../doctor/examine.ts';
import { renderGithub, renderStepSummary } from '../doctor/format/github.ts';
import { renderJunit } from '../doctor/format/junit.ts';
import { renderText } from '../doctor/format/text.ts';
import { parseDnsServer } from '../doctor/name-lookup.ts';
import { openNetwork } from '../doctor/network.ts';
import { createRedactor } from '../doctor/redactor.ts';
import type { Report } from '../doctor/report.ts';
import { readRoots } from '../doctor/root-file.ts';
import { select } from '../doctor/select.ts';
import { createSlackProbe } from '../doctor/slack-probe.ts';
import { describeVantage } from '../doctor/vantage.ts';
import { findLookAlikes } from '../environment/credential-checks.ts';
import { credentialVariables, readCredentials } from '../environment/credentials.ts';
import { inspectExposure } from '../environment/file-exposure.ts';
import { readSettings, type Settings } from '../environment/settings.ts';
import { nearest } from '../nearest.ts';
import { createSlackApi, parseSlackUrl, slackUrl } from '../slack/web-api.ts';
import { penFor } from '../terminal/colour.ts';
import { suggest } from '../terminal/completion.ts';
import type { Context } from '../terminal/context.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { UserError } from '../user-error.ts';
import { openProgress } from './doctor-progress.ts';
import { findWebhookDomain, requireDomain } from './domain-option.ts';
import { parseDuration } from './duration-option.ts';

const formats = ['text', 'json', 'junit', 'github'] as const;
type Format = (typeof formats)[number];

export function define(command: Command, run: Run): void {
  command
    .option('--domain <domain>', 'the host that Spacelift answers on (SPACELIFT_DOMAIN)')
    .option(
      '--webhook-domain <domain>',
      'the host that Slack calls, where it is another (SPACELIFT_WEBHOOK_DOMAIN)',
    )
    .option('--env-file <file>', 'read variables from this file (default: .env, if there)')
    .addOption(namesOption('--only <names>', 'run these checks or groups alone, separated by commas'))
    .addOption(namesOption('--skip <names>', 'leave these checks or groups out'))
    .option('--offline', 'leave out what needs a network')
    .option('--list', 'print the ids of all checks, by group')
    .option('--timeout <duration>', 'the limit of a run', parseDuration, 30_000)
    .option('--wait <duration>', 'repeat until nothing fails, for as long as this', parseDuration)
    .option('--strict', 'let warnings fail')
    .option('--ca <file>', 'trust the root certificates in this file too; Slack would not')
    .option(
      '--connect-to <rule>',
      'HOST:PORT:ADDR:PORT, as in curl: connect elsewhere than DNS says',
      collectRoute,
    )
    .option('--dns <address>', 'ask this resolver, as ADDRESS or ADDRESS:PORT', readDnsServer)
    .option('--app-id <id>', 'the app to compare, with SLACK_CONFIG_TOKEN')
    .option('--slack-api-url <url>', `where Slack is (SLACK_API_URL; default: ${slackUrl})`)
    .addOption(new Option('--format <format>', 'how to print the report').choices(formats).default('text'))
    .option('--out <file>', 'write the report to this file')
    .addHelpText(
      'after',
      `
Exits with 0 where nothing failed, 1 where a check did (with --strict: or warned), 3 where the run could not be
finished. Sends nothing that a server can act on: challenges, and forms without a command.

Examples:
  spacelift-slack doctor --domain spacelift.example.com
  spacelift-slack doctor --domain spacelift.example.com --wait 5m --format github
  spacelift-slack doctor --only dns.public --dns 1.1.1.1 --domain spacelift.example.com`,
    )
    .action((options) =>
      run(async (context) => {
        const { terminal, cwd, env, now } = context;
        if (options.list) {
          terminal.result(
            allChecks(false)
              .map(({ id, group, title }) => `${group.padEnd(11)}  ${id.padEnd(26)}  ${title}`)
              .join('\n'),
          );
          return ExitCode.done;
        }
        const settings = await readSettings({ env, cwd, envFile: options.envFile });
        const domain = await requireDomain(options.domain, settings, terminal);
        const webhookDomain = findWebhookDomain(options.webhookDomain, settings, terminal) ?? domain;
        const target = { domain, webhookDomain };
        const credentials = readCredentials(settings);
        const configToken = settings.get('SLACK_CONFIG_TOKEN')?.value;
        const slackApiUrl = readSlackUrl(options.slackApiUrl, settings);
        const connectTo = options.connectTo ?? [];
        const extraRoots =
          options.ca === undefined ? [] : await readRoots(resolve(cwd, options.ca), options.ca);
        const envFile = await inspectEnvFile(options.envFile ?? '.env', settings, context);
        const selection = select(allChecks(domain !== webhookDomain), {
          only: options.only,
          skip: options.skip ?? [],
          offline: options.offline === true,
        });

        const progress = await openProgress(terminal, selection.checks);
        const report = await examine({
          ...selection,
          target,
          vantage: describeVantage({
            hostname: hostname(),
            dnsServer: options.dns,
            connectTo,
            ca: options.ca,
            proxy: [env['HTTPS_PROXY'], env['https_proxy']].some(Boolean),
          }),
          strict: options.strict === true,
          timeoutMs: options.timeout,
          waitMs: options.wait ?? 0,
          interruption: context.interruption,
          now,
          ...progress.listeners,
          openSubject: (signal) => {
            const { clientSecret, signingSecret } = credentials;
            const redactor = createRedactor(
              [clientSecret, signingSecret, configToken].filter((secret) => secret !== undefined),
            );
            const dnsServer = options.dns;
            const network = openNetwork({ connectTo, dnsServer, extraRoots, redactor, signal, now });
            return {
              target,
              credentials,
              lookAlikes: findLookAlikes(settings),
              envFile,
              network,
              extraRoots: extraRoots.length,
              probe: createSlackProbe(network, webhookDomain, redactor, now),
              redactor,
              slack: createSlackApi({
                url: slackApiUrl,
                env,
                signal,
                timeoutMs: slackLimitMs,
                longestWaitSeconds: 0,
              }),
              now,
              app: { id: options.appId, configToken },
            };
          },
        });
        progress.close();

        await publish(report, options.format, options.out, context);
        if (report.ok) return ExitCode.done;
        const found = report.summary.fail > 0 || (options.strict === true && report.summary.warn > 0);
        return found ? ExitCode.found : ExitCode.failed;
      }),
    );
}

const slackLimitMs = 8_000;

async function publish(
  report: Report,
  format: Format,
  out: string | undefined,
  { terminal, env, cwd }: Context,
): Promise<void> {
  const render: Record<Format, () => string> = {
    text: () => renderText(report, penFor(terminal, 'stdout')),
    json: () => `${JSON.stringify(report, null, 2)}\n`,
    junit: () => renderJunit(report),
    github: () => renderGithub(report),
  };
  const content = render[format]();
  if (out === undefined) terminal.result(content);
  else await write(() => writeAtomically(resolve(cwd, out), content), out);
  const summary = env['GITHUB_STEP_SUMMARY'];
  if (format === 'github' && summary) {
    await write(() => appendFile(resolve(cwd, summary), renderStepSummary(report)), 'GITHUB_STEP_SUMMARY');
  }
}

async function write(writing: () => Promise<void>, name: string): Promise<void> {
  try {
    await writing();
  } catch (cause) {
    throw new UserError('file-unwritable', `${name} cannot be written`, {
      hint: 'Check that its folder exists and that you may write there.',
      exitCode: 3,
      cause,
    });
  }
}

function namesOption<Flags extends string>(flags: Flags, description: string) {
  const option = new Option(flags, description).argParser(collectChecks);
  return suggest(option, [...groups, ...checkIds], true);
}

function collectChecks(text: string, earlier: readonly CheckId[] = []): readonly CheckId[] {
  const names = text.split(',').map((name) => name.trim());
  const found = names.flatMap((name) => {
    const ids = findChecks(name);
    if (!ids) {
      const meant = nearest(name, [...groups, ...checkIds]);
      throw new UserError('check-unknown', `there is no check or group "${name}"`, {
        hint: `${meant ? `Did you mean ${meant}? ` : ''}See doctor --list for all of them.`,
        exitCode: 2,
      });
    }
    return ids;
  });
  return checkIds.filter((id) => earlier.includes(id) || found.includes(id));
}

function collectRoute(text: string, earlier: readonly ConnectTo[] = []): readonly ConnectTo[] {
  const rule = parseConnectTo(text);
  if (!rule)
    throw new InvalidArgumentError(
      'Give HOST:PORT:ADDR:PORT, such as spacelift.example.com:443:10.0.0.5:8443.',
    );
  return [...earlier, rule];
}

function readDnsServer(text: string): string {
  const server = parseDnsServer(text);
  if (server === undefined)
    throw new InvalidArgumentError('Give an address such as 1.1.1.1 or 127.0.0.1:5353.');
  return server;
}

function readSlackUrl(given: string | undefined, settings: Settings): string {
  if (given !== undefined) return parseSlackUrl(given);
  const setting = settings.get('SLACK_API_URL');
  return setting ? parseSlackUrl(setting.value, `SLACK_API_URL (${setting.source})`) : slackUrl;
}

/** The env file matters where a secret comes from it. */
async function inspectEnvFile(name: string, settings: Settings, { cwd, env }: Context) {
  const used = [...Object.values(credentialVariables), 'SLACK_CONFIG_TOKEN'].some(
    (variable) => settings.get(variable)?.source === name,
  );
  return used ? { name, exposure: await inspectExposure(resolve(cwd, name), env) } : undefined;
}
