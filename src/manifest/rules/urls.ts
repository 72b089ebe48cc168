import { hasPrivateEnding } from '../../domain.ts';
import type { Remark } from '../finding.ts';
import type { ManifestView, TextAt } from '../manifest-view.ts';
import type { Rule } from './rule.ts';
import { isSpecialAddress } from './special-address.ts';

/** URLs that Slack's servers call: they must be public and https (Slack: Events API, Slash commands, Interactivity). */
export const calledUrls: Rule = function* (manifest) {
  for (const url of urlsThatSlackCalls(manifest)) yield* checkCalledUrl(url);
};

function* urlsThatSlackCalls(manifest: ManifestView): Iterable<TextAt> {
  const found = [
    ...manifest.items('/features/slash_commands').map(({ pointer }) => manifest.text(`${pointer}/url`)),
    manifest.text('/settings/event_subscriptions/request_url'),
    manifest.text('/settings/interactivity/request_url'),
    manifest.text('/settings/interactivity/message_menu_options_url'),
  ];
  for (const url of found) if (url) yield url;
}

function* checkCalledUrl({ text, pointer }: TextAt): Iterable<Remark> {
  const placeholder = findPlaceholder(text);
  if (placeholder) yield placeholderRemark(placeholder, pointer);
  if (placeholder?.certain) return;

  const url = parseUrl(text);
  if (!url) {
    const example = 'Write it out with its scheme, as in https://spacelift.example.com/webhooks/slack.';
    yield { rule: 'url-invalid', severity: 'error', pointer, ...unparsable(text, example) };
    return;
  }
  const problem = hostProblem(url.hostname);
  if (problem) yield { rule: 'url-not-public', pointer, ...problem };
  // As written: Slack's schema takes lower case only.
  const [scheme] = text.split(':', 1);
  if (scheme !== 'https') {
    yield {
      rule: 'url-scheme',
      severity: 'error',
      pointer,
      message: `Slack calls https URLs only, and this is ${scheme}`,
      hint:
        url.protocol === 'https:'
          ? 'Write the scheme in lower case.'
          : 'Put a certificate in front of the endpoint and write https://.',
    };
  }
}

function hostProblem(hostname: string): Pick<Remark, 'severity' | 'message' | 'hint'> | undefined {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const hint = 'Give a host with a public DNS name: a tunnel or a relay makes a private one reachable.';
  // A parsed URL has IPv6 in brackets and every spelling of IPv4 as four numbers.
  if (hostname.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(host)) {
    if (isSpecialAddress(host)) {
      const message = `Slack's servers cannot reach ${host}: it is not a public address`;
      return { severity: 'error', message, hint };
    }
    const message = `the host is the bare address ${host}, for which a public certificate is rare`;
    return { severity: 'warning', message, hint };
  }
  if (host === 'localhost' || host.endsWith('.localhost')) {
    return {
      severity: 'error',
      message: `Slack's servers cannot reach ${host}: it is their own machine`,
      hint,
    };
  }
  if (!host.includes('.')) {
    return { severity: 'error', message: `the host ${host} is a single word, which no public name is`, hint };
  }
  if (hasPrivateEnding(host)) {
    const message = `the host ${host} has an ending that exists in private networks only`;
    return { severity: 'warning', message, hint };
  }
  return undefined;
}

/** URLs that a person's browser is sent to after an installation (Slack: Installing with OAuth). */
export const redirectUrls: Rule = function* (manifest) {
  const isWebApp = manifest.isOff('/oauth_config/pkce_enabled');
  for (const redirect of manifest.texts('/oauth_config/redirect_urls')) {
    yield* checkRedirectUrl(redirect, isWebApp);
  }
};

function* checkRedirectUrl({ text, pointer }: TextAt, isWebApp: boolean): Iterable<Remark> {
  const placeholder = findPlaceholder(text);
  if (placeholder) yield placeholderRemark(placeholder, pointer);
  if (placeholder?.certain) return;
  const remark = (severity: Remark['severity'], message: string, hint: string): Remark => ({
    rule: 'redirect-url',
    severity,
    pointer,
    message,
    hint,
  });

  const url = parseUrl(text);
  if (!url) {
    const { message, hint } = unparsable(
      text,
      'Write it out, as in https://spacelift.example.com/slack_oauth.',
    );
    yield remark('error', message, hint);
    return;
  }
  if (text.includes('#')) {
    yield remark('error', 'the redirect URL has a fragment (a #)', 'Leave the # and what follows it off.');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const ownMachine = host === 'localhost' || host === '::1' || /^127\./.test(host);
  if (url.protocol === 'http:' || url.protocol === 'https:') {
    if (ownMachine) {
      const hint = 'Fine for development; give the public URL before anybody else installs the app.';
      yield remark('warning', 'only a browser on the same machine gets to this redirect URL', hint);
    } else if (url.protocol === 'http:') {
      yield remark('error', 'the redirect URL is http, and Slack wants https', 'Write https://.');
    }
  } else if (isWebApp) {
    const hint = 'Write an https URL, or turn on PKCE if this is a desktop or mobile app.';
    yield remark(
      'warning',
      `the redirect URL has the scheme ${url.protocol.slice(0, -1)}, which goes with PKCE`,
      hint,
    );
  }
}

function parseUrl(text: string): URL | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

/** @param example how a URL looks, for one that is none even without its blanks */
function unparsable(text: string, example: string): Pick<Remark, 'message' | 'hint'> {
  if (!parseUrl(text.replace(/\s/g, ''))) {
    return { message: `${JSON.stringify(text)} is not a complete URL`, hint: example };
  }
  const blank = /[\r\n]/.test(text) ? 'line break' : 'blank';
  return { message: `there is a ${blank} in the URL ${JSON.stringify(text)}`, hint: `Remove the ${blank}.` };
}

interface Placeholder {
  readonly text: string;
  /** False where it could be meant as it stands after all. */
  readonly certain: boolean;
}

/** The longest that the schema takes anywhere. Nothing is looked for in what is longer. */
const longestUrl = 3_500;

// Square brackets are fine in a query, and around an IPv6 address; two percent signs may belong to escapes.
const marks =
  /<[^<>]*>|\{\{?[^{}]*\}?\}|\$\{\w+\}|\$[A-Z][A-Z_]+|%(?![A-F]{2}%)[A-Z_]{2,}%|__\w+__|(?<!\?.*)\[[^[\]:]+\]/gs;

/**
 * What a template left to be filled in. Brackets, braces and bare words cannot be a host, though a path may hold them;
 * names such as `your-app.example.com` could be a host.
 */
function findPlaceholder(text: string): Placeholder | undefined {
  if (text.length > longestUrl) return undefined;
  const marked = [...text.matchAll(marks)];
  const authority = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*/i.exec(text)?.[0] ?? '';
  const certain = marked.find(({ 0: mark, index }) => mark.startsWith('<') || index < authority.length)?.[0];
  if (certain !== undefined) return { text: certain, certain: true };
  const bare = /^[A-Z][A-Z0-9_-]{2,}(?=\/|$)/.exec(text)?.[0];
  if (bare !== undefined) return { text: bare, certain: true };
  const host = /^[a-z][a-z0-9+.-]*:\/\/([^/:?#]+)/i.exec(text)?.[1] ?? '';
  const upper = /(?:^|\.)([A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+)(?=\.|$)/.exec(host)?.[1];
  const word =
    /(?:^|[.-])(your[-_]?(?:[a-z0-9]+[-_])*(?:app|domain|host|server|url|site|company|subdomain|ngrok[a-z0-9]*|tunnel|name)|x{3,}|changeme|replace[-_]?me|placeholder)(?=[.-]|$)/i.exec(
      host,
    )?.[1];
  const name = upper ?? word;
  if (name !== undefined) return { text: name, certain: !host.includes('.') };
  const part = marked[0]?.[0];
  return part === undefined ? undefined : { text: part, certain: false };
}

function placeholderRemark({ text, certain }: Placeholder, pointer: string): Remark {
  return {
    rule: 'url-placeholder',
    severity: certain ? 'error' : 'warning',
    pointer,
    message: certain
      ? `the URL still holds the placeholder ${text}`
      : `"${text}" in the URL looks like a placeholder`,
    hint: certain
      ? 'Put the real value in its place.'
      : 'Put the real value in its place, or leave it where it is meant as it stands.',
  };
}
