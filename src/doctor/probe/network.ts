import { X509Certificate } from 'node:crypto';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext, rootCertificates } from 'node:tls';
import { type ConnectTo, findRoute } from '../../net/connect-to.ts';
import { UserError } from '../../user-error.ts';
import type { Redactor } from '../redactor.ts';
import { type Handshake, type Peer, shakeHands } from './handshake.ts';
import { type HttpRequest, type ProbeResult, sendHttpRequest } from './http-request.ts';
import { type Lookup, lookUp } from './name-lookup.ts';
import { pace, type Turn } from './pacing.ts';
import { createThrowawayCertificate } from './throwaway-certificate.ts';

export interface NetworkOptions {
  readonly connectTo: readonly ConnectTo[];
  /** The resolver to use instead of the system's. */
  readonly dnsServer: string | undefined;
  /** Root certificates to trust beside those that ship with Node, as PEM. */
  readonly extraRoots: readonly string[];
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** One address of a host, and how a TLS handshake with it ended. */
export interface PeerHandshake {
  readonly peer: Peer;
  readonly handshake: Handshake;
}

interface SendOptions {
  /** True to show a client certificate that no server knows, if the server asks for one. */
  readonly showCertificate?: boolean;
  /** When it is sent with regard to the others to the same peer. */
  readonly turn?: Turn;
}

/** Connects to hosts. What several checks need is done once. */
export interface Network {
  /** True if the resolver was named with `--dns`. */
  readonly usesGivenResolver: boolean;
  /** What DNS knows about a name. */
  lookUp(host: string): Promise<Lookup>;
  /** The `--connect-to` rule for the host, if there is one. */
  route(host: string): ConnectTo | undefined;
  /** A handshake with each address of the host; an empty list if it has none. */
  handshakes(host: string): Promise<readonly PeerHandshake[]>;
  send(peer: Peer, message: HttpRequest, options?: SendOptions): Promise<ProbeResult>;
  /** Every root that is trusted. */
  roots(): readonly X509Certificate[];
}

/** Slack calls HTTPS on its usual port only. */
export const httpsPort = 443;

/**
 * Trust is what Slack would trust: the roots that ship with Node, and the given ones. Neither NODE_EXTRA_CA_CERTS
 * nor the system's store counts, since `ca` replaces them.
 */
export function openNetwork({
  connectTo,
  dnsServer,
  extraRoots,
  redactor,
  signal,
  now,
}: NetworkOptions): Network {
  const ca = [...rootCertificates, ...extraRoots];
  const context = once(() => createSecureContext({ ca, minVersion: 'TLSv1.2' }));
  const oldContext = once(() =>
    createSecureContext({ ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  );
  const contextWithCertificate = once(() =>
    createSecureContext({ ca, minVersion: 'TLSv1.2', ...createThrowawayCertificate(now()) }),
  );
  const lookups = remember((host: string) => lookUp(host, { server: dnsServer, signal }));
  const route = (host: string) => findRoute(connectTo, host, httpsPort);

  const addressesOf = async (host: string): Promise<readonly string[]> => {
    const toHost = route(host)?.toHost;
    if (toHost === undefined) {
      const lookup = await lookups(host);
      return lookup.found ? lookup.addresses : [];
    }
    if (isIP(toHost) !== 0) return [toHost];
    try {
      const found = await systemLookup(toHost, { all: true });
      return [...new Set(found.map(({ address }) => address))];
    } catch (cause) {
      throw new UserError('connect-to-unknown', `--connect-to points to ${toHost}, which has no address`, {
        hint: 'Check the name, or give an address.',
        exitCode: 3,
        cause,
      });
    }
  };

  const pause = async (milliseconds: number) => {
    await setTimeout(milliseconds, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  };
  /** Several hosts may share a peer, and with it a rate limit. */
  const paced = remember((_: string) => pace({ pause, now }));

  return {
    usesGivenResolver: dnsServer !== undefined,
    lookUp: lookups,
    route,
    handshakes: remember(async (host) => {
      const addresses = await addressesOf(host);
      return Promise.all(
        addresses.map(async (address) => {
          const peer = { address, port: route(host)?.toPort ?? httpsPort };
          const options = { host, context: context(), signal };
          return { peer, handshake: await shakeHands(peer, options, oldContext) };
        }),
      );
    }),
    send: (peer, message, { showCertificate = false, turn } = {}) =>
      paced(`${peer.address} ${peer.port}`)(
        () =>
          sendHttpRequest(peer, message, {
            context: showCertificate ? contextWithCertificate() : context(),
            redactor,
            signal,
            now,
          }),
        turn,
      ),
    roots: once(() => ca.map((pem) => new X509Certificate(pem))),
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Makes the value of each key once. */
function remember<Value>(make: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}
