import { type Domain, parseDomain } from '../../domain.ts';
import { type ConnectTo, parseConnectTo } from '../../net/connect-to.ts';
import { parseUrl } from '../../parse-url.ts';
import { UserError } from '../../user-error.ts';
import type { DoctorOptions } from './options.ts';

/** The Spacelift that a relay calls: the host that is examined, and where it is if not where DNS says. */
export interface ExaminedUpstream {
  /** Undefined if the relay calls the domain, and none is given. */
  readonly host: Domain | undefined;
  readonly connectTo: readonly ConnectTo[];
}

/**
 * Reads `--upstream` and `--upstream-host`; without them, the relay calls the domain itself.
 *
 * @throws UserError `socket-mode-missing`, `upstream-missing`, `upstream-invalid`, `upstream-host-invalid`
 */
export function readUpstream(
  { socketMode, upstream, upstreamHost }: Pick<DoctorOptions, 'socketMode' | 'upstream' | 'upstreamHost'>,
  domain: Domain | undefined,
): ExaminedUpstream | undefined {
  if (!socketMode && (upstream ?? upstreamHost) !== undefined) {
    throw wrong(
      'socket-mode-missing',
      '--upstream and --upstream-host have no effect without --socket-mode',
      {
        hint: 'Add --socket-mode. A relay on a public host is examined from outside, as Slack calls it.',
      },
    );
  }
  if (!socketMode) return undefined;
  if (upstream === undefined) {
    if (upstreamHost === undefined) return { host: domain, connectTo: [] };
    throw wrong('upstream-missing', '--upstream-host has no effect without --upstream', {
      hint: 'Pass the URL that the relay calls: --upstream https://spacelift.internal.example',
    });
  }
  const url = parseUrl(upstream);
  if (url?.protocol !== 'https:' || url.username !== '' || url.pathname !== '/' || url.search !== '') {
    throw wrong('upstream-invalid', '--upstream is not an https:// URL of scheme, host and port', {
      hint: 'Pass the same URL as to serve, such as https://spacelift.internal.example. doctor examines no http:// upstream.',
    });
  }
  const parsed = parseDomain(upstreamHost ?? url.hostname);
  if (!parsed.ok) {
    const option = upstreamHost === undefined ? '--upstream' : '--upstream-host';
    throw wrong('upstream-host-invalid', `the host of ${option} ${parsed.problem}`, {
      hint: 'Pass the name in the certificate of Spacelift with --upstream-host.',
    });
  }
  const port = url.port === '' ? 443 : Number(url.port);
  const isElsewhere = url.hostname !== parsed.domain || port !== 443;
  const route = isElsewhere ? parseConnectTo(`${parsed.domain}:443:${url.hostname}:${port}`) : undefined;
  return { host: parsed.domain, connectTo: route ? [route] : [] };
}

function wrong(code: string, message: string, { hint }: { readonly hint: string }): UserError {
  return new UserError(code, message, { hint, exitCode: 2 });
}
