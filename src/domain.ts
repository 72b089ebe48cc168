import { domainToASCII } from 'node:url';

declare const domainBrand: unique symbol;

/** A public host name in its ASCII form, lower case, at least two labels, no port: `spacelift.example.com`. */
export type Domain = string & { readonly [domainBrand]: true };

export type ParsedDomain =
  /** `changes` describes what was removed or rewritten, for `--verbose`. */
  | { readonly ok: true; readonly domain: Domain; readonly changes: readonly string[] }
  /** `problem` follows the value in a sentence; `hint` says what to enter instead. */
  | { readonly ok: false; readonly problem: string; readonly hint: string };

const example = 'Enter the bare host name, such as spacelift.example.com.';

function reject(problem: string, hint = example): ParsedDomain {
  return { ok: false, problem, hint };
}

/**
 * Parses a domain as people type or paste it. Scheme, port 443, trailing slash and trailing dot are removed, case is
 * lowered, and an international name is converted to ASCII (UTS 46). Anything else is rejected, never guessed.
 *
 * Spacelift expects a bare host in every installer (SERVER_DOMAIN, server_domain, serverHostname).
 */
export function parseDomain(input: string): ParsedDomain {
  const changes: string[] = [];
  let rest = input.trim();
  if (rest === '') return reject('is empty');
  if (/[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]/.test(rest)) {
    return reject('contains a blank or an invisible character');
  }

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(rest);
  if (scheme) {
    const name = (scheme[1] ?? '').toLowerCase();
    if (name !== 'https' && name !== 'http') return reject(`has the scheme ${name}; only https is accepted`);
    rest = rest.slice(scheme[0].length);
    if (/^\/?$/.test(rest)) return reject('names no host');
    changes.push(`removed the scheme ${name}://`);
  }
  if (rest.includes('@')) return reject('contains user information (an @)');
  if (rest.includes('?')) return reject('contains a query (a ?)');
  if (rest.includes('#')) return reject('contains a fragment (a #)');
  if (rest.includes('\\')) return reject('contains a backslash');
  // The conversion to ASCII decodes percent-escapes, and %2e is a dot.
  if (rest.includes('%')) return reject('contains a percent sign');
  if (rest.endsWith('/')) {
    rest = rest.slice(0, -1);
    changes.push('removed the trailing slash');
  }
  if (rest.includes('/')) {
    return reject(
      'contains a path',
      'Enter the host only: the paths /webhooks/slack and /slack_oauth are fixed.',
    );
  }
  if (/[<>{}]|^\[[^\]:]*\]/.test(rest)) {
    return reject('is a placeholder', 'Replace it by your own host name, such as spacelift.example.com.');
  }
  if (rest.startsWith('[') || rest.split(':').length > 2) return rejectAddress();

  const port = /:(\d*)$/.exec(rest);
  if (port) {
    if (port[1] !== '443') {
      return reject(
        port[1] ? `names the port ${port[1]}` : 'names an empty port',
        'Leave the port off: Slack calls HTTPS on port 443, and Spacelift expects a host without a port.',
      );
    }
    rest = rest.slice(0, -port[0].length);
    changes.push('removed the port 443');
  }
  if (rest.endsWith('.')) {
    rest = rest.slice(0, -1);
    changes.push('removed the trailing dot');
  }
  if (rest.includes('*')) return reject('is a wildcard', 'Enter the one host name of Spacelift.');
  return parseHostName(rest, changes);
}

/** A rejected domain as it may be shown: a password before an `@`, escaped or not, is left out. */
export function withoutUserInfo(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*(@|%40)/is, '$1…$2');
}

function rejectAddress(): ParsedDomain {
  return reject(
    'is an IP address',
    'Enter the DNS name, such as spacelift.example.com: Slack verifies a certificate for a host name.',
  );
}

function parseHostName(name: string, changes: string[]): ParsedDomain {
  const ascii = domainToASCII(name);
  if (ascii === '') {
    return reject(
      /(?:^|\.)\d+$/.test(name) ? 'ends in a number, which no public host name does' : 'is not a host name',
    );
  }
  // The conversion turns every notation of an IPv4 address (0x7f.1, 2130706433) into four numbers.
  if (/^\d+(?:\.\d+){3}$/.test(ascii)) return rejectAddress();
  if (ascii === 'localhost' || ascii.endsWith('.localhost')) {
    return reject(
      'is this machine itself',
      'Enter the public name of the deployment: Slack cannot call localhost.',
    );
  }
  const labels = ascii.split('.');
  if (labels.includes('')) return reject('has an empty label (two dots in a row, or a leading dot)');
  const long = labels.find((label) => label.length > 63);
  if (long !== undefined) return reject(`has a label of ${long.length} characters; the limit is 63`);
  if (ascii.length > 253) return reject(`has ${ascii.length} characters; the limit is 253`);
  const bad = labels.find((label) => !/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label));
  if (bad !== undefined) {
    return reject(`has the label "${bad}"; a label holds only letters, digits and inner hyphens`);
  }
  if (labels.length === 1)
    return reject('is a single label', 'Enter the full name, such as spacelift.example.com.');

  if (ascii !== name) {
    changes.push(
      ascii === name.toLowerCase() ? 'lowered the case' : `wrote ${name} in its ASCII form ${ascii}`,
    );
  }
  return { ok: true, domain: brand(ascii), changes };
}

/** The only place that turns text into a Domain. */
function brand(ascii: string): Domain {
  return ascii as Domain;
}

/**
 * Endings that do not exist in the public DNS: RFC 6761, 6762, 7686, 8375, 9476, and those that ICANN reserves for
 * private use. `.example` is not listed: nobody uses it in a private network.
 */
const privateEndings =
  /\.(local|internal|home\.arpa|test|invalid|onion|alt|lan|corp|home|mail|intranet|private)$/;

/** Whether a host, in lower case, has an ending that exists only in private networks. */
export function hasPrivateEnding(host: string): boolean {
  return privateEndings.test(host);
}
