import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Argument, type Command } from '@commander-js/extra-typings';
import type { OptionsOf, Run } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { withoutUserInfo } from '../domain.ts';
import { checkCredentials } from '../environment/credential-checks.ts';
import { ExitCode } from '../exit-code.ts';
import { fileUnreadable } from '../files/file-error.ts';
import { readInput } from '../files/read-input.ts';
import { type ConnectTo, findRoute } from '../net/connect-to.ts';
import { readRoots } from '../net/root-file.ts';
import { parseUrl } from '../parse-url.ts';
import { maxSkewSeconds } from '../slack/signature.ts';
import { penFor } from '../terminal/colour.ts';
import { ask, requireYes } from '../terminal/prompt.ts';
import { visible } from '../text/visible.ts';
import {
  buildRequest,
  dataProblem,
  holdsFields,
  type RequestKind,
  requestHeaders,
  requestKinds,
} from '../trigger/requests.ts';
import type { HostAndPort } from '../trigger/send-request.ts';
import { UserError } from '../user-error.ts';
import { connectToOption, requireUsed } from './options/connect-to.ts';
import { readSettingsAndSecrets } from './options/credentials.ts';
import { textOrJsonOption } from './options/format.ts';

/** How long to wait for a response, in milliseconds: longer than Slack, to tell a late response from none. */
const timeoutMs = 6_000;

/** Unix seconds, in 2001: an earlier timestamp was probably meant as seconds from now. */
const longBeforeSlack = 1_000_000_000;

/** Kinds of requests that a live server acts on. */
const actedOn: readonly RequestKind[] = ['slash-command', 'block-actions', 'event', 'app-uninstalled'];

export function define(command: Command, run: Run): void {
  addOptions(command)
    .addArgument(new Argument('<kind>', 'the request to send').choices(requestKinds))
    .addHelpText(
      'after',
      `
Signs with SLACK_SECRET, from stdin, the environment or the env file.

Exits with 0 if Slack would accept the response, 1 if not, 3 if the endpoint
cannot be reached. A forged request (--bad-signature, or a --timestamp more than
${maxSkewSeconds} s off) must be rejected: then 0 means that it was.

Examples:
  spacelift-slack trigger url-verification \\
    --url https://spacelift.example.com/webhooks/slack
  spacelift-slack trigger slash-command --text help --yes \\
    --url http://127.0.0.1:3000/webhooks/slack`,
    )
    .action(run((context, kind, options) => trigger(kind, options, context)));
}

function addOptions(command: Command) {
  return command
    .requiredOption(
      '--url <url>',
      'the endpoint, such as https://spacelift.example.com/webhooks/slack',
      readUrl,
    )
    .option('--text <text>', 'the text after the slash command (default: help)')
    .option('--data <file>', 'a JSON object with fields to change, or a whole body; - for stdin')
    .option('--bad-signature', 'sign with a wrong secret; the endpoint must reject it')
    .option(
      '--timestamp <seconds>',
      'timestamp to sign: Unix seconds, or +N / -N seconds from now',
      parseTimestamp,
    )
    .option('--retry <number>', 'send an event as its 1st, 2nd or 3rd retry', parseRetry)
    .option('--ca <file>', 'trust the root certificates in this PEM file too; Slack does not')
    .addOption(connectToOption())
    .option('--env-file <file>', 'read SLACK_SECRET from this file (default: .env, if it exists)')
    .option('--secrets-stdin', 'read SLACK_SECRET from stdin, as dotenv or JSON')
    .option('--yes', 'send without confirmation, also what a live server acts on')
    .addOption(textOrJsonOption('the output format'));
}

type TriggerOptions = OptionsOf<typeof addOptions>;

async function trigger(kind: RequestKind, options: TriggerOptions, context: Context): Promise<ExitCode> {
  const { terminal } = context;
  checkFit(kind, options);
  const { url } = options;
  if (url.protocol === 'http:') terminal.note('Slack calls only https URLs; over http, TLS is not tested.');
  const address = findAddress(url, options.connectTo ?? []);
  if (address) terminal.note(`Connecting to ${address.host} port ${address.port} (--connect-to).`);
  const data = options.data === undefined ? undefined : await readData(options.data, context);
  const problem = data && dataProblem(kind, data);
  if (problem) terminal.warn(`--data ${problem}; it is sent unchanged.`);
  if (options.text !== undefined && data && !holdsFields(data)) {
    throw new UserError('option-misplaced', '--text does not apply to a whole body', {
      hint: 'Leave --text out, or pass --data a JSON object with the fields to change.',
      exitCode: 2,
    });
  }
  const ca =
    options.ca === undefined
      ? []
      : await readRoots(resolve(context.cwd, options.ca), options.ca, context.inputWait);
  const settings = await readSettingsAndSecrets(options, context, ['SLACK_SECRET']);
  const secret = options.badSignature
    ? randomBytes(16).toString('hex')
    : (settings.get('SLACK_SECRET')?.value ??
      (await ask(terminal, {
        message: 'The signing secret (SLACK_SECRET)',
        instead: '--secrets-stdin, or set SLACK_SECRET in the environment or in the env file',
        secret: true,
      })));
  for (const { part, severity, message, hint } of checkCredentials({ signingSecret: secret })) {
    if (part === 'signingSecret' && severity === 'error') terminal.warn(`${message}. ${hint}`);
  }
  if (actedOn.includes(kind) && !options.yes) {
    await requireYes(terminal, `${url.host} may act on ${kind}. Send it?`, 'nothing was sent');
  }

  const nowSeconds = Math.floor(context.now() / 1000);
  const timestamp = options.timestamp?.(nowSeconds) ?? nowSeconds;
  if (timestamp < longBeforeSlack) {
    terminal.warn(
      `--timestamp means ${new Date(timestamp * 1000).toISOString()}; write +N or -N for seconds from now.`,
    );
  }
  const request = buildRequest(kind, {
    nowSeconds,
    nonce: randomBytes(16).toString('hex'),
    text: options.text,
    data,
  });
  const headers = requestHeaders(request, {
    secret,
    timestamp: String(timestamp),
    retry: options.retry,
  });
  for (const [name, value] of Object.entries(headers)) {
    terminal.detail(`> ${name}: ${name === 'X-Slack-Signature' ? 'v0=…' : value}`);
  }
  terminal.detail(`> ${visible(Buffer.from(request.body).toString('utf8'))}`);
  const [{ sendRequest }, { judgeResponse }, { renderResponseJson, renderResponseText }] = await Promise.all([
    import('../trigger/send-request.ts'),
    import('../trigger/verdict.ts'),
    import('../trigger/response-report.ts'),
  ]);
  const response = await sendRequest({
    url,
    address,
    headers,
    body: request.body,
    ca,
    timeoutMs,
  });

  const stale = Math.abs(timestamp - nowSeconds) > maxSkewSeconds;
  const expectation = options.badSignature || stale ? 'rejected' : 'accepted';
  const verdict = judgeResponse(kind, request, response, expectation);
  const report = { kind, url, expectation, response, verdict } as const;
  if (options.format === 'json') terminal.result(renderResponseJson(report));
  else terminal.report(renderResponseText(report, await penFor(terminal, 'stdout')));
  return verdict.ok ? ExitCode.done : ExitCode.found;
}

function checkFit(kind: RequestKind, { text, retry, data, secretsStdin }: TriggerOptions): void {
  if (data === '-' && secretsStdin) {
    throw new UserError('option-misplaced', '--data - and --secrets-stdin both read stdin', {
      hint: 'Pass --data a file, or set SLACK_SECRET in the environment or the env file.',
      exitCode: 2,
    });
  }
  if (text !== undefined && kind !== 'slash-command') {
    throw new UserError('option-misplaced', '--text applies to slash-command only', {
      hint: 'Leave --text out, or change other fields with --data FILE.',
      exitCode: 2,
    });
  }
  if (retry !== undefined && kind !== 'event' && kind !== 'app-uninstalled') {
    throw new UserError(
      'option-misplaced',
      '--retry applies to event and app-uninstalled only: Slack retries only events',
      {
        hint: 'Leave --retry out.',
        exitCode: 2,
      },
    );
  }
}

/** Where `--connect-to` redirects the connection, if it does. */
function findAddress(url: URL, rules: readonly ConnectTo[]): HostAndPort | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  requireUsed(rules, [host], port);
  const rule = findRoute(rules, host, port);
  return rule && { host: rule.toHost ?? host, port: rule.toPort ?? port };
}

async function readData(file: string, { cwd, stdin, inputWait }: Context): Promise<Buffer> {
  if (file === '-' && stdin.isTTY) {
    throw new UserError('input-missing', 'no data: stdin is a terminal', {
      hint: 'Name a file, or redirect one: … < data.json',
      exitCode: 2,
    });
  }
  try {
    if (file === '-') return await buffer(stdin);
    return await readInput(resolve(cwd, file), `the file ${file} (--data)`, inputWait);
  } catch (cause) {
    throw fileUnreadable(`--data: ${file}`, cause, 'data-unreadable');
  }
}

function readUrl(text: string): URL {
  const url = parseUrl(text);
  if (!url || !['https:', 'http:'].includes(url.protocol)) {
    throw new UserError('url-invalid', `--url ${withoutUserInfo(text)} is not an http or https URL`, {
      hint: 'Pass a full URL, such as https://spacelift.example.com/webhooks/slack.',
      exitCode: 2,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new UserError('url-invalid', '--url contains user information (before an @)', {
      hint: 'Leave it out: Slack sends none.',
      exitCode: 2,
    });
  }
  return url;
}

/** Parses a timestamp, which may be relative to the current time. */
function parseTimestamp(text: string): (nowSeconds: number) => number {
  const number = /^[+-]?\d{1,12}$/.test(text) ? Number(text) : undefined;
  if (number === undefined) {
    throw new UserError('timestamp-invalid', `--timestamp ${text} is not a time`, {
      hint: 'Pass Unix seconds, or +N or -N seconds from now: --timestamp -600.',
      exitCode: 2,
    });
  }
  return (nowSeconds) => (/^[+-]/.test(text) ? nowSeconds + number : number);
}

function parseRetry(text: string): number {
  if (!/^[123]$/.test(text)) {
    throw new UserError('retry-invalid', `--retry: expected 1, 2 or 3, got ${text}`, {
      hint: 'Pass 1, 2 or 3: Slack retries an event three times.',
      exitCode: 2,
    });
  }
  return Number(text);
}
