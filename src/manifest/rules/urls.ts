import { hasPrivateEnding } from '../../domain.ts';
import { parseUrl } from '../../parse-url.ts';
import type { ManifestView, TextAt } from '../manifest-view.ts';
import { findPlaceholder } from './placeholder.ts';
import type { Rule, Violation } from './rule.ts';
import { isSpecialAddress } from './special-address.ts';

/** What Slack requires of the URLs in a manifest. With Socket Mode it calls none of them. */
export const urlRules = [
  {
    id: 'url-placeholder',
    severity: 'error',
    title: 'URLs hold no placeholders.',
    why: 'Slack cannot call such a URL. If the text could be intended, this is a warning.',
    fix: 'Replace it with the real value.',
    source: 'such a host does not exist',
    *check(manifest) {
      for (const { text, pointer } of [...calledUrls(manifest), ...redirectUrls(manifest)]) {
        const placeholder = findPlaceholder(text);
        if (placeholder?.certain) {
          yield { pointer, message: `the URL still has the placeholder ${placeholder.text}` };
        } else if (placeholder) {
          yield {
            severity: 'warning',
            pointer,
            message: `"${placeholder.text}" in the URL looks like a placeholder`,
            hint: 'Replace it with the real value, unless the text is intended.',
          };
        }
      }
    },
  },
  {
    id: 'url-invalid',
    severity: 'error',
    title: 'URLs are complete and can be parsed.',
    why: 'Slack rejects the manifest.',
    fix: 'Write the whole URL with its scheme, for example https://spacelift.example.com/webhooks/slack.',
    source: 'schema; WHATWG URL',
    *check(manifest) {
      for (const { text, pointer } of filledIn(calledUrls(manifest))) {
        if (!parseComplete(text)) yield { pointer, ...unparsable(text) };
      }
    },
  },
  {
    id: 'url-not-public',
    severity: 'error',
    title: "URLs that Slack calls have a public host: Slack's servers must reach it.",
    why: 'Commands, buttons and events do not arrive. A host that may still be reachable is a warning.',
    fix: 'Use a host with a public DNS name: a tunnel or a relay makes a private one reachable.',
    source: 'docs',
    *check(manifest) {
      for (const { text, pointer } of filledIn(calledUrls(manifest))) {
        const url = parseComplete(text);
        const problem = url && hostProblem(url.hostname);
        if (problem) yield { pointer, ...problem };
      }
    },
  },
  {
    id: 'url-scheme',
    severity: 'error',
    title: 'URLs that Slack calls are https.',
    why: 'Slack rejects other schemes, and a scheme in capitals.',
    fix: 'Put a certificate in front of the endpoint and write https://.',
    source: 'docs',
    *check(manifest) {
      for (const { text, pointer } of filledIn(calledUrls(manifest))) {
        const url = parseComplete(text);
        // As written: Slack's schema accepts lower case only.
        const [scheme] = text.split(':', 1);
        if (!url || scheme === 'https') continue;
        const message = `Slack calls https URLs only, and this is ${scheme}`;
        if (url.protocol === 'https:') yield { pointer, message, hint: 'Write the scheme in lower case.' };
        else yield { pointer, message };
      }
    },
  },
  {
    id: 'redirect-url',
    severity: 'error',
    title: 'A redirect URL is https and has no fragment.',
    why: 'Slack rejects http and a fragment. A URL on this machine, and a custom scheme without PKCE, are warnings.',
    fix: 'Write the whole URL, for example https://spacelift.example.com/slack_oauth.',
    source: 'docs',
    *check(manifest) {
      const usesPkce = !manifest.isOff('/oauth_config/pkce_enabled');
      for (const { text, pointer } of filledIn(redirectUrls(manifest))) {
        for (const problem of redirectProblems(text, usesPkce)) yield { pointer, ...problem };
      }
    },
  },
] as const satisfies readonly Rule[];

/** The URLs that Slack's servers call (Slack: Events API, Slash commands, Interactivity). */
export function* calledUrls(manifest: ManifestView): Iterable<TextAt> {
  if (manifest.usesSocketMode) return;
  const found = [
    ...manifest.items('/features/slash_commands').map(({ pointer }) => manifest.text(`${pointer}/url`)),
    manifest.text('/settings/event_subscriptions/request_url'),
    manifest.text('/settings/interactivity/request_url'),
    manifest.text('/settings/interactivity/message_menu_options_url'),
  ];
  for (const url of found) if (url) yield url;
}

/** The URLs that a person's browser is sent to after an installation (Slack: Installing with OAuth). */
export function redirectUrls(manifest: ManifestView): readonly TextAt[] {
  return manifest.texts('/oauth_config/redirect_urls');
}

/** Those without a certain placeholder: a placeholder hides other errors. */
export function* filledIn(urls: Iterable<TextAt>): Iterable<TextAt> {
  for (const url of urls) if (!findPlaceholder(url.text)?.certain) yield url;
}

/** The URL, if the text is a complete one with a scheme. */
export function parseComplete(text: string): URL | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text) ? parseUrl(text) : undefined;
}

function unparsable(text: string): Pick<Violation, 'message' | 'hint'> {
  if (!parseComplete(text.replace(/\s/g, '')))
    return { message: `${JSON.stringify(text)} is not a complete URL` };
  const blank = /[\r\n]/.test(text) ? 'line break' : 'space';
  return { message: `the URL ${JSON.stringify(text)} contains a ${blank}`, hint: `Remove the ${blank}.` };
}

function hostProblem(hostname: string): Pick<Violation, 'severity' | 'message'> | undefined {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  // A parsed URL has IPv6 in brackets, and IPv4 as four numbers however it was written.
  if (hostname.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(host)) {
    return isSpecialAddress(host)
      ? { message: `Slack's servers cannot reach ${host}: it is not a public address` }
      : {
          severity: 'warning',
          message: `the host is the IP address ${host}, and few certificates cover one`,
        };
  }
  if (host === 'localhost' || host.endsWith('.localhost')) {
    return { message: `Slack's servers cannot reach ${host}: it names their own machine` };
  }
  if (!host.includes('.')) return { message: `the host ${host} is a single word, not a public DNS name` };
  if (hasPrivateEnding(host)) {
    return { severity: 'warning', message: `the host ${host} has an ending that only private networks use` };
  }
  return undefined;
}

function* redirectProblems(text: string, usesPkce: boolean): Iterable<Omit<Violation, 'pointer'>> {
  const url = parseComplete(text);
  if (!url) {
    yield unparsable(text);
    return;
  }
  if (text.includes('#')) {
    yield { message: 'the redirect URL has a fragment', hint: 'Remove the # and what follows it.' };
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  if (isWeb && (host === 'localhost' || host === '::1' || /^127\./.test(host))) {
    yield {
      severity: 'warning',
      message: 'only a browser on the same machine can reach this redirect URL',
      hint: 'Use the public URL before anyone else installs the app; during development this is fine.',
    };
  } else if (url.protocol === 'http:') {
    yield { message: 'the redirect URL is http, and Slack requires https', hint: 'Write https://.' };
  } else if (!isWeb && !usesPkce) {
    yield {
      severity: 'warning',
      message: `the redirect URL has the scheme ${url.protocol.slice(0, -1)}, which Slack allows only with PKCE`,
      hint: 'Write an https URL, or turn on PKCE if this is a desktop or mobile app.',
    };
  }
}
