import { describe, expect, it } from 'vitest';
import { spaceliftRules } from '../../../src/manifest/rules/spacelift.ts';
import template from '../../../templates/slack-app-manifest.json' with { type: 'json' };
import { documentedManifest, validateText } from '../documented.ts';
import {
  all,
  clicks,
  command,
  events,
  itAccepts,
  itReports,
  itShowsEvery,
  type Row,
  remove,
  scopes,
  set,
} from '../mutation.ts';

const redirect = '/oauth_config/redirect_urls/0';
const atCommand = `warning spacelift-request-url ${command}/url`;
const atEvents = `warning spacelift-request-url ${events}/request_url`;
const atClicks = `warning spacelift-request-url ${clicks}/request_url`;
const atRedirect = `warning spacelift-redirect-url ${redirect}`;

const to = (url: string) =>
  all(set(`${command}/url`, url), set(`${events}/request_url`, url), set(`${clicks}/request_url`, url));

const rows: readonly Row[] = [
  ...['/webhook/slack', '/slack/webhooks', '/slack/events', '/webhooks/slack/', '/', ''].map(
    (path) =>
      [
        `events sent to ${path}`,
        set(`${events}/request_url`, `https://spacelift.example.com${path}`),
        [atEvents],
      ] as const,
  ),
  [
    'every request sent to another path',
    to('https://x.example.com/slack/events'),
    [atCommand, atEvents, atClicks],
  ],
  [
    'clicks sent to another host',
    set(`${clicks}/request_url`, 'https://spacelfit.example.com/webhooks/slack'),
    [atClicks],
  ],
  [
    'another path over http',
    set(`${clicks}/request_url`, 'http://spacelift.example.com/slack'),
    [`error url-scheme ${clicks}/request_url`, atClicks],
  ],
  [
    'a renamed command to another path',
    all(set(`${command}/command`, '/infra'), set(`${command}/url`, 'https://spacelift.example.com/slack')),
    [atCommand],
  ],
  [
    'more scopes and another path',
    all(set(`${events}/request_url`, 'https://spacelift.example.com/slack')),
    [atEvents],
  ],
  ['another redirect path', set(redirect, 'https://spacelift.example.com/slack/oauth'), [atRedirect]],
  [
    'another redirect path in Socket Mode',
    all(set('/settings/socket_mode_enabled', true), set(redirect, 'https://spacelift.example.com/oauth')),
    [atRedirect],
  ],
];

describe("the rules for Spacelift's own app", () => {
  itReports(rows, documentedManifest);
  itShowsEvery(spaceliftRules, rows);

  it.each([
    [
      set(`${events}/request_url`, 'https://spacelift.example.com/slack'),
      "Spacelift expects Slack's requests at https://spacelift.example.com/webhooks/slack",
    ],
    [
      to('http://slack.example.com/slack'),
      "Spacelift expects Slack's requests at https://slack.example.com/webhooks/slack",
    ],
    [
      set(redirect, 'http://spacelift.example.com/oauth'),
      'Spacelift expects the redirect URL https://spacelift.example.com/slack_oauth',
    ],
  ])('names the expected URL: %#', async (mutate, message) => {
    const { findings } = await validateText(JSON.stringify(mutate(await documentedManifest())));
    expect(findings.map((finding) => finding.message)).toContain(message);
  });

  itAccepts(
    [
      ['the documented manifest', (manifest) => manifest],
      [
        'a host for requests that is not that of the redirect',
        to('https://relay.example.com/webhooks/slack'),
      ],
      ['a second redirect URL', set('/oauth_config/redirect_urls/-', 'https://old.example.com/oauth')],
      ['no redirect URL', remove('/oauth_config/redirect_urls')],
      [
        'Socket Mode',
        all(
          set(command, { command: '/spacelift', description: 'x' }),
          remove(`${events}/request_url`, `${clicks}/request_url`),
          set('/settings/socket_mode_enabled', true),
        ),
      ],
    ],
    documentedManifest,
  );

  const sameScopes = set(`${scopes}/bot`, template.oauth_config.scopes.bot);
  const elsewhere = to('https://a.example.com/slack');
  const otherRedirect = set(redirect, 'https://a.example.com/oauth');
  itAccepts([
    ['another app with the scopes of Spacelift', all(sameScopes, elsewhere, otherRedirect)],
    ['another app with a path of Spacelift', elsewhere],
    [
      'another app with the command of Spacelift',
      all(set(`${command}/command`, '/spacelift'), elsewhere, otherRedirect),
    ],
  ]);
});
