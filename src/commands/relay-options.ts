import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RelayOptions } from '../server/relay/relay.ts';
import type { Context } from '../terminal/context.ts';
import { UserError } from '../user-error.ts';

export interface RelayFlags {
  readonly upstream?: string | undefined;
  readonly upstreamHost?: string | undefined;
  readonly upstreamCa?: string | undefined;
  readonly relayOauth?: true | undefined;
  /** In milliseconds. */
  readonly retain?: number | undefined;
}

const needsUpstream = {
  upstreamHost: '--upstream-host',
  upstreamCa: '--upstream-ca',
  relayOauth: '--relay-oauth',
  retain: '--retain',
};

/** How long an event may wait where nothing is said, in milliseconds. */
const usualRetention = 24 * 3_600_000;

/**
 * What the relay works with; nothing where no upstream is named.
 *
 * @throws UserError `upstream-invalid`, `upstream-host-invalid`, `upstream-missing`, `ca-unreadable`
 */
export async function readRelayOptions(
  flags: RelayFlags,
  slackUrl: string,
  { cwd, env }: Context,
): Promise<RelayOptions | undefined> {
  const { upstream, upstreamHost, upstreamCa } = flags;
  if (upstream === undefined) {
    const alone = [
      ...(upstreamHost === undefined ? [] : [needsUpstream.upstreamHost]),
      ...(upstreamCa === undefined ? [] : [needsUpstream.upstreamCa]),
      ...(flags.relayOauth === undefined ? [] : [needsUpstream.relayOauth]),
      ...(flags.retain === undefined ? [] : [needsUpstream.retain]),
    ];
    if (alone.length === 0) return undefined;
    throw new UserError('upstream-missing', `without --upstream there is no use for ${alone.join(' and ')}`, {
      hint: 'Name the private Spacelift: --upstream https://spacelift.internal.example',
      exitCode: 2,
    });
  }
  return {
    origin: readOrigin(upstream),
    host: upstreamHost === undefined ? undefined : readHost(upstreamHost),
    ca: upstreamCa === undefined ? undefined : await readCertificates(resolve(cwd, upstreamCa)),
    oauth: flags.relayOauth === true,
    retain: flags.retain ?? usualRetention,
    slackUrl,
    env,
  };
}

function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain =
    url && url.pathname === '/' && `${url.search}${url.hash}${url.username}${url.password}` === '';
  if (url && plain && (url.protocol === 'https:' || url.protocol === 'http:')) return url.origin;
  throw new UserError('upstream-invalid', '--upstream is not the address of a server', {
    hint: 'Give scheme and host alone, such as https://spacelift.internal.example: the paths are Slack’s.',
    exitCode: 2,
  });
}

function readHost(text: string): string {
  const url = URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : undefined;
  if (url && url.host === text.toLowerCase()) return url.host;
  throw new UserError('upstream-host-invalid', '--upstream-host is not a host', {
    hint: 'Give the name that Spacelift goes by, such as spacelift.internal.example.',
    exitCode: 2,
  });
}

async function readCertificates(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    // Throws where there is no certificate in it: better here than at the first request.
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
