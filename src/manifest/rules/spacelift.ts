import template from '../../../templates/slack-app-manifest.json' with { type: 'json' };
import type { ManifestView, TextAt } from '../manifest-view.ts';
import type { Rule } from './rule.ts';
import { calledUrls, filledIn, parseComplete, redirectUrls } from './urls.ts';

const webhookPath = '/webhooks/slack';
const oauthPath = '/slack_oauth';

/** What Spacelift requires of the manifest of its own app; that of another app breaks none of these rules. */
export const spaceliftRules = [
  {
    id: 'spacelift-request-url',
    severity: 'warning',
    title: `Slack calls the app of a self-hosted Spacelift at ${webhookPath}, on one host.`,
    why: 'Commands, buttons or events do not reach Spacelift, which has no other endpoint for them.',
    fix: 'Write the URL that the message gives, unless a proxy rewrites it.',
    source: "Spacelift's reference page Slack",
    *check(manifest) {
      if (!isSpacelifts(manifest)) return;
      const urls = withUrls(filledIn(calledUrls(manifest)));
      const host = mostFrequent(urls.map(({ url }) => url.host));
      for (const { url, pointer } of urls) {
        if (url.host === host && url.pathname === webhookPath) continue;
        const expected = `https://${host}${webhookPath}`;
        yield { pointer, message: `Spacelift expects Slack's requests at ${expected}` };
      }
    },
  },
  {
    id: 'spacelift-redirect-url',
    severity: 'warning',
    title: `The app of a self-hosted Spacelift has a redirect URL that ends in ${oauthPath}.`,
    why: 'Spacelift sends people to Slack with that URL, and Slack refuses one that the app does not list.',
    fix: 'Write the URL that the message gives.',
    source: "Spacelift's reference page Slack",
    *check(manifest) {
      if (!isSpacelifts(manifest)) return;
      const urls = withUrls(filledIn(redirectUrls(manifest)));
      const [first] = urls;
      if (!first || urls.some(({ url }) => url.pathname === oauthPath)) return;
      const expected = `https://${first.url.host}${oauthPath}`;
      yield { pointer: first.pointer, message: `Spacelift expects the redirect URL ${expected}` };
    },
  },
] as const satisfies readonly Rule[];

/**
 * Whether this is the manifest of Spacelift's app, though a part of it is wrong: it has two of the command, the scopes and
 * one of the paths that Spacelift documents.
 */
function isSpacelifts(manifest: ManifestView): boolean {
  const names = manifest
    .items('/features/slash_commands')
    .map(({ pointer }) => manifest.text(`${pointer}/command`)?.text);
  const scopes = manifest.scopes('bot').map(({ text }) => text);
  const paths = [...withUrls(calledUrls(manifest)), ...withUrls(redirectUrls(manifest))].map(
    ({ url }) => url.pathname,
  );
  const signs = [
    names.includes('/spacelift'),
    [...scopes].sort().join() === [...template.oauth_config.scopes.bot].sort().join(),
    paths.includes(webhookPath) || paths.includes(oauthPath),
  ];
  return signs.filter(Boolean).length >= 2;
}

function withUrls(texts: Iterable<TextAt>): { readonly url: URL; readonly pointer: string }[] {
  return [...texts].flatMap(({ text, pointer }) => {
    const url = parseComplete(text);
    return url ? [{ url, pointer }] : [];
  });
}

/** The first of those that occur most often. */
function mostFrequent(texts: readonly string[]): string | undefined {
  const count = (text: string) => texts.filter((other) => other === text).length;
  return texts.toSorted((a, b) => count(b) - count(a))[0];
}
