import { domainToASCII } from 'node:url';

declare const domainBrand: unique symbol;

/** A public host name in its ASCII form, lower case, at least two labels, no port: `spacelift.example.com`. */
export type Domain = string & { readonly [domainBrand]: true };

export type ParsedDomain =
  /** `changes` says in words what was dropped or rewritten, for `--verbose`. */
  | { readonly ok: true; readonly domain: Domain; readonly changes: readonly string[] }
  /** `problem` ends a sentence that begins with the value; `hint` says what to give instead. */
  | { readonly ok: false; readonly problem: string; readonly hint: string };

const example = 'Give the bare host name, such as spacelift.example.com.';

function refuse(problem: string, hint = example): ParsedDomain {
  return { ok: false, problem, hint };
}

/**
 * Reads a domain as people type or paste it. Scheme, port 443, trailing slash and trailing dot are dropped, case is
 * lowered, an international name goes to its ASCII form (UTS 46). Whatever else would have to be guessed at is refused.
 *
 * Spacelift takes a bare host in every installer (SERVER_DOMAIN, server_domain, serverHostname).
 */
export function parseDomain(input: string): ParsedDomain {
  const changes: string[] = [];
  let rest = input.trim();
  if (rest === '') return refuse('is empty');
  if (/[\u0000-\u0020\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]/.test(rest)) {
    return refuse('contains a blank or an invisible character');
  }

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(rest);
  if (scheme) {
    const name = (scheme[1] ?? '').toLowerCase();
    if (name !== 'https' && name !== 'http') return refuse(`has the scheme ${name}, where only https fits`);
    rest = rest.slice(scheme[0].length);
    if (/^\/?$/.test(rest)) return refuse('names no host');
    changes.push(`dropped the scheme ${name}://`);
  }
  if (rest.includes('@')) return refuse('contains user information (an @)');
  if (rest.includes('?')) return refuse('contains a query (a ?)');
  if (rest.includes('#')) return refuse('contains a fragment (a #)');
  if (rest.includes('\\')) return refuse('contains a backslash');
  // The conversion to ASCII would undo the escapes, and %2e is a dot.
  if (rest.includes('%')) return refuse('contains a percent sign');
  if (rest.endsWith('/')) {
    rest = rest.slice(0, -1);
    changes.push('dropped the trailing slash');
  }
  if (rest.includes('/')) {
    return refuse(
      'contains a path',
      'Give the host alone: the paths /webhooks/slack and /slack_oauth are fixed.',
    );
  }
  if (/[<>{}]|^\[[^\]:]*\]/.test(rest)) {
    return refuse('is a placeholder', 'Put your own host name in its place, such as spacelift.example.com.');
  }
  if (rest.startsWith('[') || rest.split(':').length > 2) return refuseAddress();

  const port = /:(\d*)$/.exec(rest);
  if (port) {
    if (port[1] !== '443') {
      return refuse(
        port[1] ? `names the port ${port[1]}` : 'names an empty port',
        'Slack calls HTTPS on port 443, and Spacelift wants a host without a port: leave it off.',
      );
    }
    rest = rest.slice(0, -port[0].length);
    changes.push('dropped the port 443');
  }
  if (rest.endsWith('.')) {
    rest = rest.slice(0, -1);
    changes.push('dropped the trailing dot');
  }
  if (rest.includes('*'))
    return refuse('is a wildcard', 'Slack calls one name: give the one Spacelift answers on.');
  return parseHostName(rest, changes);
}

/** A text that was given for a domain, fit for a message: a password in front of an `@`, escaped or not, is left out. */
export function withoutUserInfo(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*(@|%40)/is, '$1…$2');
}

function refuseAddress(): ParsedDomain {
  return refuse(
    'is an IP address',
    'Slack verifies a certificate for a host name: give the DNS name, such as spacelift.example.com.',
  );
}

function parseHostName(name: string, changes: string[]): ParsedDomain {
  const ascii = domainToASCII(name);
  if (ascii === '') {
    return refuse(
      /(?:^|\.)\d+$/.test(name) ? 'ends in a number, which no public name does' : 'is not a host name',
    );
  }
  // The conversion writes every spelling of an IPv4 address (0x7f.1, 2130706433) as four numbers.
  if (/^\d+(?:\.\d+){3}$/.test(ascii)) return refuseAddress();
  if (ascii === 'localhost' || ascii.endsWith('.localhost')) {
    return refuse(
      'is this machine itself',
      'Slack cannot call localhost: give the public name of the deployment.',
    );
  }
  const labels = ascii.split('.');
  if (labels.includes('')) return refuse('has an empty label (two dots in a row, or one in front)');
  const long = labels.find((label) => label.length > 63);
  if (long !== undefined) return refuse(`has a label of ${long.length} characters, where 63 is the limit`);
  if (ascii.length > 253) return refuse(`has ${ascii.length} characters, where 253 is the limit`);
  const bad = labels.find((label) => !/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label));
  if (bad !== undefined) {
    return refuse(`has the label "${bad}", which may hold only letters, digits and inner hyphens`);
  }
  if (labels.length === 1)
    return refuse('is a single label', 'Give the full name, such as spacelift.example.com.');

  if (ascii !== name) {
    changes.push(
      ascii === name.toLowerCase() ? 'lowered the case' : `wrote ${name} in its ASCII form ${ascii}`,
    );
  }
  return { ok: true, domain: brand(ascii), changes };
}

/** The one place that says of a text that it is a domain. */
function brand(ascii: string): Domain {
  return ascii as Domain;
}

/**
 * Endings that the public DNS does not have: RFC 6761, 6762, 7686, 8375, 9476, and what ICANN keeps for private use.
 * `.example` has none either, but nobody mistakes it for a network's own.
 */
const privateEndings =
  /\.(local|internal|home\.arpa|test|invalid|onion|alt|lan|corp|home|mail|intranet|private)$/;

/** Whether a host, in lower case, has an ending that exists in private networks only. */
export function hasPrivateEnding(host: string): boolean {
  return privateEndings.test(host);
}
