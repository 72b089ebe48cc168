import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { Context } from '../../cli/context.ts';
import { type InputWait, readInput } from '../../files/read-input.ts';
import { parseUrl } from '../../parse-url.ts';
import type { RelayOptions } from '../../server/relay/relay.ts';
import { UserError } from '../../user-error.ts';
import type { ServeOptions } from './options.ts';
import { usualQueueLimit } from './queue-limit.ts';

const needsUpstream = {
  upstreamHost: '--upstream-host',
  upstreamCa: '--upstream-ca',
  relayOauth: '--relay-oauth',
  retain: '--retain',
  queueLimit: '--queue-limit',
};

/** The default of `--retain`, in milliseconds. */
const usualRetention = 24 * 3_600_000;

/**
 * Reads the options of the relay; undefined without `--upstream`.
 *
 * @throws UserError `upstream-invalid`, `upstream-host-invalid`, `upstream-missing`, `ca-unreadable`
 */
export async function readRelayOptions(
  options: Pick<ServeOptions, 'upstream' | keyof typeof needsUpstream>,
  { cwd, inputWait }: Context,
): Promise<RelayOptions | undefined> {
  const { upstream, upstreamHost, upstreamCa } = options;
  if (upstream === undefined) {
    const alone = [
      ...(upstreamHost === undefined ? [] : [needsUpstream.upstreamHost]),
      ...(upstreamCa === undefined ? [] : [needsUpstream.upstreamCa]),
      ...(options.relayOauth === undefined ? [] : [needsUpstream.relayOauth]),
      ...(options.retain === undefined ? [] : [needsUpstream.retain]),
      ...(options.queueLimit === undefined ? [] : [needsUpstream.queueLimit]),
    ];
    if (alone.length === 0) return undefined;
    throw new UserError('upstream-missing', `--upstream is required with ${alone.join(' and ')}`, {
      hint: 'Name the private Spacelift: --upstream https://spacelift.internal.example',
      exitCode: 2,
    });
  }
  return {
    origin: readOrigin(upstream),
    host: upstreamHost === undefined ? undefined : readHost(upstreamHost),
    ca: upstreamCa === undefined ? undefined : await readCertificates(resolve(cwd, upstreamCa), inputWait),
    oauth: options.relayOauth === true,
    retain: options.retain ?? usualRetention,
    queueLimit: options.queueLimit ?? usualQueueLimit,
  };
}

/**
 * What to warn of if the upstream is the very host that Slack calls. It is no error: the name may resolve to Spacelift
 * from the relay (split DNS).
 *
 * @param webhookDomain the host that Slack calls, if it is known
 */
export function loopWarning(
  { origin }: Pick<RelayOptions, 'origin'>,
  webhookDomain: string | undefined,
): string | undefined {
  if (new URL(origin).host !== webhookDomain) return undefined;
  return `--upstream names the host that Slack calls, ${webhookDomain}: unless this name resolves to Spacelift from here, the relay forwards to itself. Pass Spacelift's inner address with --upstream, and --upstream-host ${webhookDomain}`;
}

function readOrigin(text: string): string {
  const problem = originProblem(text);
  if (problem === undefined) return new URL(text).origin;
  throw new UserError('upstream-invalid', `--upstream ${problem}`, {
    hint: 'Pass scheme, host and, unless it is the default, port, such as https://spacelift.internal.example.',
    exitCode: 2,
  });
}

/** Why a text is not the origin of a server, as the end of a sentence. It quotes nothing: there may be a password in it. */
function originProblem(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) return 'does not begin with https:// or http://';
  const url = parseUrl(text);
  if (!url) return 'has a host or a port that cannot be one';
  const { username, password, pathname, search, hash } = url;
  if (`${username}${password}` !== '') return 'has user information (before an @), which would not be sent';
  if (pathname !== '/') return 'has a path, but the relay forwards the paths that Slack calls';
  return `${search}${hash}` === '' ? undefined : 'has a query or a fragment, which would not be sent';
}

function readHost(text: string): string {
  const url = parseUrl(`http://${text}`);
  if (url && url.host === text.toLowerCase()) return url.host;
  throw new UserError('upstream-host-invalid', '--upstream-host is not a host', {
    hint: 'Pass the host name of Spacelift, such as spacelift.internal.example.',
    exitCode: 2,
  });
}

async function readCertificates(file: string, wait: InputWait): Promise<string> {
  try {
    const text = (await readInput(file, `the file ${file} (--upstream-ca)`, wait)).toString();
    // Throws if there is no certificate in it: better here than at the first request.
    new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new UserError('ca-unreadable', `--upstream-ca: no certificate can be read from ${file}`, {
      hint: 'Give a PEM file with the certificates of the private CA.',
      exitCode: 2,
      cause,
    });
  }
}
