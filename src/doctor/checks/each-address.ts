import { isIPv6 } from 'node:net';
import type { ConnectionFailure } from '../../net/connection-failure.ts';
import type { CheckId } from '../catalogue/catalogue.ts';
import { type CheckResult, skip, worstFirst } from '../check.ts';
import type { Handshake, Peer } from '../probe/handshake.ts';
import type { PeerHandshake } from '../probe/network.ts';
import type { Subject } from '../subject.ts';
import { failedConnection } from './failed-connection.ts';
import { unresolvedName } from './unresolved-name.ts';

export type Connected = Extract<Handshake, { connected: true }>;

export interface AddressCheck {
  readonly id: CheckId;
  readonly host: string;
  /** Runs for each address to which a TLS connection can be made. */
  readonly check: (peer: Peer, handshake: Connected) => Promise<CheckResult>;
  /** The result of a failed connection; by default, one check of the run reports it and the others are skipped. */
  readonly onFailure?: (failure: ConnectionFailure) => CheckResult | undefined;
}

/**
 * Runs a check on every address of a host and makes one result of them. If they differ, the worst counts, and each
 * observation is named with its addresses. An address that this machine has no route to, such as an IPv6 one in a
 * network without it, is left out as long as there is another; a name with IPv6 addresses alone cannot be judged there.
 */
export async function onEachAddress(
  { network, connectionReporter }: Pick<Subject, 'network' | 'connectionReporter'>,
  { id, host, check, onFailure }: AddressCheck,
): Promise<CheckResult> {
  const reportedElsewhere =
    connectionReporter === undefined || connectionReporter === id
      ? undefined
      : skip(`no connection was made; ${connectionReporter} reports why`);
  const connections = await network.handshakes(host);
  if (connections.length === 0) {
    const lookup = await network.lookUp(host);
    return reportedElsewhere ?? unresolvedName(network, host, lookup.found ? 'ENODATA' : lookup.code);
  }
  const routed = connections.filter(hasRoute);
  const unrouted = connections.filter((connection) => !hasRoute(connection));
  if (routed.length === 0 && connections.every(({ peer }) => isIPv6(peer.address))) {
    return skip(
      `${host} has IPv6 addresses only, and this machine has no route to them`,
      'Run doctor from a machine with IPv6.',
    );
  }
  const results = await Promise.all(
    (routed.length > 0 ? routed : connections).map(async ({ peer, handshake }) => ({
      address: peer.address,
      result: handshake.connected
        ? await check(peer, handshake)
        : (onFailure?.(handshake.failure) ?? reportedElsewhere ?? failedConnection(handshake.failure)),
    })),
  );
  return merge(results, routed.length > 0 ? unrouted.map(({ peer }) => peer.address) : []);
}

function hasRoute({ handshake }: PeerHandshake): boolean {
  return handshake.connected || handshake.failure.kind !== 'no-route';
}

interface AddressResult {
  readonly address: string;
  readonly result: CheckResult;
}

function merge(results: readonly AddressResult[], unrouted: readonly string[]): CheckResult {
  const [worst] = results.toSorted((a, b) => worstFirst(a.result, b.result));
  if (!worst) throw new Error('a host without addresses has no result');
  const { status } = worst.result;
  const same = results.filter(({ result }) => result.status === status);
  const observations = [...new Set(same.map(({ result }) => result.detail))].map((detail) => ({
    detail,
    addresses: same.filter(({ result }) => result.detail === detail).map(({ address }) => address),
  }));
  const left = unrouted.length > 0 ? ` (not checked from here: ${unrouted.join(', ')})` : '';
  const hints = [...new Set(same.flatMap(({ result }) => result.hint ?? []))];
  const merged = (detail: string): CheckResult => ({
    status,
    detail: detail + left,
    ...(hints.length > 0 && { hint: hints.join(' ') }),
    ...(same.every(({ result }) => result.inputAtFault) && { inputAtFault: true }),
  });
  if (results.length === 1) return merged(worst.result.detail);
  if (observations.length === 1 && same.length === results.length) {
    const share = status === 'pass' ? 'each' : 'all';
    return merged(`${worst.result.detail} (${share} of ${results.length} addresses)`);
  }
  const parts = observations.map(
    ({ detail, addresses }) =>
      `${addresses.join(', ')} (${addresses.length} of ${results.length} addresses): ${detail}`,
  );
  if (status === 'pass' && same.length < results.length) {
    const skipped = results.filter(({ result }) => result.status === 'skip').map(({ address }) => address);
    const seen = observations.length === 1 ? worst.result.detail : parts.join('; ');
    return merged(`${seen} (not seen on ${skipped.join(', ')})`);
  }
  return merged(parts.join('; '));
}
