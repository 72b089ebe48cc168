import { X509Certificate } from 'node:crypto';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createSecureContext, rootCertificates } from 'node:tls';
import { type ConnectTo, findRoute } from '../../net/connect-to.ts';
import { UserError } from '../../user-error.ts';
import type { Redactor } from '../redactor.ts';
import { type Exchange, exchange, type Request } from './exchange.ts';
import { type Handshake, type Place, shakeHands } from './handshake.ts';
import { type Lookup, lookUp } from './name-lookup.ts';

export interface NetworkOptions {
  readonly connectTo: readonly ConnectTo[];
  /** The resolver to ask instead of the system's. */
  readonly dnsServer: string | undefined;
  /** Root certificates to trust beside those that come with Node, as PEM. */
  readonly extraRoots: readonly string[];
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** One address of a host, and how a TLS handshake with it went. */
export interface Visit {
  readonly place: Place;
  readonly handshake: Handshake;
}

/** Looks at hosts. What several checks look at is looked at once. */
export interface Network {
  /** True where the resolver was named, and is not the system's. */
  readonly asksGivenResolver: boolean;
  /** What DNS says about a name. */
  lookUp(host: string): Promise<Lookup>;
  /** The rule that leads elsewhere than DNS says, where there is one. */
  route(host: string): ConnectTo | undefined;
  /** A handshake with each address of the host; an empty list where it has none. */
  visit(host: string): Promise<readonly Visit[]>;
  send(place: Place, message: Request): Promise<Exchange>;
  /** Every root that is trusted. */
  roots(): readonly X509Certificate[];
}

/** Slack calls HTTPS on its usual port only. */
export const httpsPort = 443;

/**
 * Trust is what Slack would trust: the roots that come with Node, and the given ones. Neither NODE_EXTRA_CA_CERTS
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
      throw new UserError('connect-to-unknown', `--connect-to leads to ${toHost}, which has no address`, {
        hint: 'Check the name, or give an address.',
        exitCode: 3,
        cause,
      });
    }
  };

  return {
    asksGivenResolver: dnsServer !== undefined,
    lookUp: lookups,
    route,
    visit: remember(async (host) => {
      const addresses = await addressesOf(host);
      return Promise.all(
        addresses.map(async (address) => {
          const place = { address, port: route(host)?.toPort ?? httpsPort };
          const options = { host, context: context(), signal };
          return { place, handshake: await shakeHands(place, options, oldContext) };
        }),
      );
    }),
    send: (place, message) => exchange(place, message, { context: context(), redactor, signal, now }),
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

function remember<Value>(look: (host: string) => Promise<Value>): (host: string) => Promise<Value> {
  const seen = new Map<string, Promise<Value>>();
  return (host) => {
    const known = seen.get(host) ?? look(host);
    seen.set(host, known);
    return known;
  };
}
