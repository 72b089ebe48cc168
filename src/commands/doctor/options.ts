import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { OptionsOf } from '../../cli/command.ts';
import { suggest } from '../../cli/completion.ts';
import { type CheckId, checkIds, checksNamed, groups } from '../../doctor/catalogue/catalogue.ts';
import { parseDnsServer } from '../../net/dns-server.ts';
import { nearest } from '../../text/nearest.ts';
import { UserError } from '../../user-error.ts';
import { caOption } from '../options/ca.ts';
import { connectToOption } from '../options/connect-to.ts';
import { domainOption, webhookDomainOption } from '../options/domain.ts';
import { parseDuration } from '../options/duration.ts';
import { envFileOption } from '../options/env-file.ts';
import { forceOption, outOption } from '../options/out.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';

/** The default time limit of a run, in milliseconds. */
export const usualTimeoutMs = 30_000;

/** The options of `doctor`. Durations are milliseconds. */
export function addDoctorOptions(command: Command) {
  return command
    .addOption(domainOption())
    .addOption(webhookDomainOption())
    .addOption(envFileOption())
    .addOption(namesOption('--only <names>', 'run only these checks or groups, separated by commas'))
    .addOption(namesOption('--skip <names>', 'skip these checks or groups'))
    .option('--offline', 'skip the checks that need a network')
    .option('--list', 'list all checks by group, and exit')
    .addOption(
      new Option('--timeout <duration>', 'time limit of a run, such as 90s or 2m')
        .argParser(parseDuration)
        .default(usualTimeoutMs, '30s'),
    )
    .option(
      '--wait <duration>',
      'repeat until nothing fails, for at most this long, such as 5m',
      parseDuration,
    )
    .option('--strict', 'let warnings fail the run')
    .addOption(caOption())
    .addOption(connectToOption())
    .option('--dns <address>', 'resolve names with this server: ADDRESS or ADDRESS:PORT', readDnsServer)
    .option('--socket-mode', 'the app uses Socket Mode: check its token, and the upstream from inside')
    .option(
      '--upstream <url>',
      'with --socket-mode: the Spacelift that the relay calls (default: the domain)',
    )
    .option('--upstream-host <host>', "host name of the upstream, for Host and TLS (default: the URL's host)")
    .option('--app-id <id>', 'the app to compare, with SLACK_CONFIG_TOKEN')
    .addOption(slackApiUrlOption())
    .addOption(
      new Option('--format <format>', 'the format of the report')
        .choices(['text', 'json', 'junit', 'markdown', 'html', 'github'] as const)
        .default('text' as const),
    )
    .addOption(outOption('the report'))
    .addOption(forceOption());
}

export type DoctorOptions = OptionsOf<typeof addDoctorOptions>;

function namesOption<Flags extends string>(flags: Flags, description: string) {
  const option = new Option(flags, description).argParser(collectChecks);
  return suggest(option, async () => [...groups, ...checkIds], true);
}

function collectChecks(text: string, earlier: readonly CheckId[] = []): readonly CheckId[] {
  const names = text.split(',').map((name) => name.trim());
  const found = names.flatMap((name) => {
    const ids = checksNamed(name);
    if (!ids) {
      const firstParts = checkIds.map((id) => id.replace(/\..*/, ''));
      const meant = nearest(name, [...groups, ...firstParts, ...checkIds]);
      throw new UserError('check-unknown', `unknown check or group "${name}"`, {
        hint: `${meant ? `Did you mean ${meant}? ` : ''}See doctor --list.`,
        exitCode: 2,
      });
    }
    return ids;
  });
  return checkIds.filter((id) => earlier.includes(id) || found.includes(id));
}

function readDnsServer(text: string): string {
  const server = parseDnsServer(text);
  if (server === undefined)
    throw new InvalidArgumentError('Pass an address such as 1.1.1.1 or 127.0.0.1:5353.');
  return server;
}
