import { Resolver } from 'node:dns/promises';

/** Every address of a name, or why it has none. */
export type Lookup =
  | {
      readonly found: true;
      readonly addresses: readonly string[];
      /** The record type whose lookup failed although the other one has addresses. */
      readonly failedOn?: { readonly type: 'A' | 'AAAA'; readonly code: string };
    }
  /** `code` as Node names it: ENOTFOUND (no such name), ENODATA (no address), ESERVFAIL, ETIMEOUT, ECONNREFUSED, … */
  | { readonly found: false; readonly code: string };

export interface LookupOptions {
  /** The resolver to use, as `ADDRESS` or `ADDRESS:PORT`; by default those of the system. */
  readonly server?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Looks up all A and AAAA records in DNS. /etc/hosts is not read, since Slack does not know it.
 */
export async function lookUp(name: string, { server, signal }: LookupOptions): Promise<Lookup> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (server !== undefined) resolver.setServers([server]);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const [a, aaaa] = await Promise.all([
      query('A', () => resolver.resolve4(name)),
      query('AAAA', () => resolver.resolve6(name)),
    ]);
    return combine(a, aaaa);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** The records of one type, or why there are none. */
export interface Records {
  readonly type: 'A' | 'AAAA';
  readonly addresses: readonly string[];
  readonly code?: string;
}

/** What the lookups of the two record types say together. */
export function combine(a: Records, aaaa: Records): Lookup {
  const addresses = [...a.addresses, ...aaaa.addresses];
  const failed = [a, aaaa].find(({ code }) => code !== undefined && !isAbsence(code));
  if (addresses.length > 0) {
    return failed?.code === undefined
      ? { found: true, addresses }
      : { found: true, addresses, failedOn: { type: failed.type, code: failed.code } };
  }
  // Odd servers report "no such name" for one type and "no address" for the other; the name exists then.
  const codes = [a.code, aaaa.code];
  return { found: false, code: failed?.code ?? (codes.includes('ENODATA') ? 'ENODATA' : 'ENOTFOUND') };
}

async function query(type: Records['type'], resolve: () => Promise<string[]>): Promise<Records> {
  try {
    return { type, addresses: await resolve() };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
    return { type, addresses: [], code: error.code };
  }
}

function isAbsence(code: string): boolean {
  return code === 'ENODATA' || code === 'ENOTFOUND';
}
