/** How many connections a listener has at most. */
export interface ConnectionLimits {
  /** Of all peers together. */
  readonly all: number;
  /** With more than these, each is closed after its response, so that idle ones do not use up the rest. */
  readonly kept: number;
  /** Of one peer that is no trusted proxy, not counting those whose request is being handled. */
  readonly ofPeer: number;
}

export const maxConnections = 2_000;
const maxAdminConnections = 200;
/** For the store, connections to Slack and PostgreSQL, deliveries, and Node itself. */
const reservedDescriptors = 64;
/** A relayed request also has a connection to the upstream. */
const descriptorsPerConnection = 2;

/**
 * The limits of the two listeners. They follow the limit of file descriptors: a process that has none left cannot accept
 * connections, and the kernel resets them without a trace.
 *
 * @param descriptors how many the process may open; undefined if that is not known
 */
export function connectionLimits(descriptors = Number.POSITIVE_INFINITY): {
  readonly open: ConnectionLimits;
  readonly admin: ConnectionLimits;
} {
  const admin = between(4, Math.floor(descriptors / 16), maxAdminConnections);
  const left = descriptors - reservedDescriptors - admin;
  const open = between(4, Math.floor(left / descriptorsPerConnection), maxConnections);
  return { open: sharesOf(open), admin: sharesOf(admin) };
}

/** The limit of file descriptors from which on the public listener has {@link maxConnections}. */
export const sufficientDescriptors =
  reservedDescriptors + maxAdminConnections + descriptorsPerConnection * maxConnections;

function sharesOf(all: number): ConnectionLimits {
  return { all, kept: Math.floor(all * 0.75), ofPeer: Math.max(2, Math.floor(all / 4)) };
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
