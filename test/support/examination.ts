import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { onTestFinished } from 'vitest';
import { checkIds as allCheckIds, type CheckId } from '../../src/doctor/catalogue/catalogue.ts';
import type { Report } from '../../src/doctor/report/report.ts';
import { type CertificateAuthority, createAuthority } from './certificate-authority.ts';
import { runInProcess } from './in-process.ts';
import { type LocalSlack, localSlack } from './local-slack.ts';

/** The domain of every deployment in the tests. */
export const host = 'spacelift.example.com';
/** The checks of a run without `--socket-mode`. */
export const checkIds = allCheckIds.filter((id) => !id.startsWith('socket.'));

/** What a deployment is made of. */
export interface Scene {
  readonly authority: CertificateAuthority;
  readonly slack: LocalSlack;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signingSecret: string;
  /** A folder with `.env` and `root.pem`. */
  readonly cwd: string;
  readonly onFinished: typeof onTestFinished;
}

let shared: Promise<CertificateAuthority> | undefined;

/** A Slack with an app, and a folder with its credentials, for one test. */
export async function createScene(onFinished: typeof onTestFinished): Promise<Scene> {
  shared ??= createAuthority();
  const authority = await shared;
  const cwd = await mkdtemp(join(tmpdir(), 'spacelift-slack-doctor-'));
  onFinished(() => rm(cwd, { recursive: true, force: true }));
  const slack = await localSlack({ onFinished });
  const { credentials } = slack.workspace.addApp({});
  await writeFile(join(cwd, 'root.pem'), authority.root);
  await writeFile(
    join(cwd, '.env'),
    `SLACK_APP_CLIENT_ID=${credentials.client_id}\nSLACK_APP_CLIENT_SECRET=${credentials.client_secret}\nSLACK_SECRET=${credentials.signing_secret}\n`,
    { mode: 0o600 },
  );
  return {
    authority,
    slack,
    clientId: credentials.client_id,
    clientSecret: credentials.client_secret,
    signingSecret: credentials.signing_secret,
    cwd,
    onFinished,
  };
}

export interface Examination {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: Report;
  /** The ids of the checks that ended in each way. */
  readonly ids: Readonly<Record<'fail' | 'warn' | 'skip' | 'pass', readonly CheckId[]>>;
}

/** Has the doctor look at what answers on a port of 127.0.0.1, or where the options lead. */
export async function examineAt(
  { slack, cwd }: Scene,
  deployed: number | readonly string[],
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Examination> {
  const route =
    typeof deployed === 'number' ? ['--connect-to', `${host}:443:127.0.0.1:${deployed}`] : deployed;
  const fixed = ['--domain', host, '--ca', 'root.pem', '--format', 'json', '--slack-api-url', slack.url];
  const outcome = await runInProcess(['doctor', ...fixed, ...route, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const report: Report = JSON.parse(outcome.stdout);
  const ids = (status: string) => report.checks.filter((one) => one.status === status).map(({ id }) => id);
  return {
    ...outcome,
    report,
    ids: { fail: ids('fail'), warn: ids('warn'), skip: ids('skip'), pass: ids('pass') },
  };
}

/** Everything about one check: how it ended and what it reported. */
export function find({ checks }: Report, id: CheckId) {
  const found = checks.find((check) => check.id === id);
  if (!found) throw new Error(`the report has no ${id}`);
  return found;
}

export interface Expected {
  readonly fail?: readonly CheckId[] | undefined;
  readonly warn?: readonly CheckId[] | undefined;
  readonly skip?: readonly CheckId[] | undefined;
}

/**
 * The ends of the checks, for comparing. On a busy machine a response may be late, so that webhook.latency warns: that
 * counts as a pass, unless a test expects it.
 */
export function endsBut({ warn = [] }: Expected, ids: Examination['ids']): Examination['ids'] {
  if (warn.includes('webhook.latency') || !ids.warn.includes('webhook.latency')) return ids;
  return {
    ...ids,
    warn: ids.warn.filter((id) => id !== 'webhook.latency'),
    pass: checkIds.filter((id) => id === 'webhook.latency' || ids.pass.includes(id)),
  };
}

/**
 * The end of every check where only those named do not pass. Some are always skipped here: DNS is not asked where
 * `--connect-to` leads elsewhere, and no app is named to compare.
 */
export function allPassBut(
  { fail = [], warn = [], skip = [] }: Expected,
  route: 'connect-to' | 'dns' | 'both',
) {
  const unasked: CheckId[] = [
    'slack.app-drift',
    ...(route === 'dns' ? [] : (['dns.public'] as const)),
    ...(route === 'connect-to' ? (['dns.resolves'] as const) : []),
  ];
  const skipped = checkIds.filter((id) => skip.includes(id) || unasked.includes(id));
  return {
    fail: checkIds.filter((id) => fail.includes(id)),
    warn: checkIds.filter((id) => warn.includes(id)),
    skip: skipped,
    pass: checkIds.filter((id) => ![...fail, ...warn, ...skipped].includes(id)),
  };
}
