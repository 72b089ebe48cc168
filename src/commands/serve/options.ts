import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { OptionsOf } from '../../cli/command.ts';
import { maxConnections } from '../../server/socket-mode/limits.ts';
import { parseLongDuration } from '../options/duration.ts';
import { envFileOption } from '../options/env-file.ts';
import { slackApiUrlOption } from '../options/slack-api-url.ts';
import { parseQueueLimit } from './queue-limit.ts';
import { storeOption } from './store-option.ts';

/** The options of `serve`. Durations are milliseconds. */
export function addServeOptions(command: Command) {
  return command
    .option(
      '--listen <address>',
      'public listener, for Slack (default: 127.0.0.1:3000; none with --socket-mode)',
    )
    .option(
      '--admin-listen <address>',
      'private listener: /healthz, /readyz, /metrics, and a status page at /',
      '127.0.0.1:3001',
    )
    .option('--domain <domain>', 'the host of the OAuth redirect, for browsers [env: SPACELIFT_DOMAIN]')
    .option(
      '--webhook-domain <domain>',
      'the host that Slack calls, if it is another one [env: SPACELIFT_WEBHOOK_DOMAIN]',
    )
    .addOption(storeOption())
    .addOption(envFileOption())
    .addOption(slackApiUrlOption())
    .addOption(
      new Option(
        '--log-format <format>',
        'format of the log (default: pretty on a terminal, else json)',
      ).choices(['json', 'pretty'] as const),
    )
    .option('--upstream <url>', 'relay verified requests to this private Spacelift')
    .option('--upstream-host <host>', "host name of the upstream, for Host and TLS (default: the URL's host)")
    .option('--upstream-ca <file>', 'trust only the certificates in this PEM file for the upstream')
    .option('--relay-oauth', 'forward the OAuth redirect, /slack_oauth, to the upstream too')
    .option('--socket-mode', 'connect to Slack, so that no public listener is needed')
    .addOption(
      new Option('--connections <count>', 'connections of Socket Mode, 1 to 10 (default: 2)').argParser(
        parseConnections,
      ),
    )
    .addOption(
      new Option(
        '--retain <duration>',
        'how long to retry an event, such as 90m or 3d (default: 24h)',
      ).argParser(parseLongDuration),
    )
    .addOption(
      new Option(
        '--queue-limit <count,size>',
        'how much the queue may hold; events beyond get 503 (default: 500000,512MiB)',
      ).argParser(parseQueueLimit),
    )
    .option(
      '--trust-proxy [addresses]',
      'trust X-Forwarded-For from these proxies (default: from every peer)',
    )
    .option(
      '--allow-workspace <ids...>',
      'only these workspaces (T…) and organisations (E…) may install the app',
      collectWorkspaces,
    )
    .option('--print-manifest-hint', 'log the URLs for the manifest and the install link; requires --domain');
}

export type ServeOptions = OptionsOf<typeof addServeOptions>;

function parseConnections(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= maxConnections) return Number(text);
  throw new InvalidArgumentError(`Give a number from 1 to ${maxConnections}: Slack allows an app no more.`);
}

function collectWorkspaces(id: string, before: readonly string[] = []): readonly string[] {
  if (/^[TE][A-Z0-9]{2,}$/.test(id)) return [...before, id];
  throw new InvalidArgumentError(
    'Give ids such as T0123456789, which the address of the workspace in a browser shows.',
  );
}
