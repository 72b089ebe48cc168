import { describe } from 'vitest';
import { urlRules } from '../../../src/manifest/rules/urls.ts';
import {
  all,
  clicks,
  command,
  events,
  itReports,
  itShowsEvery,
  listing,
  type Row,
  set,
} from '../mutation.ts';

const rows: readonly Row[] = [
  [
    'a redirect URL over http',
    set('/oauth_config/redirect_urls/0', 'http://spacelift.example.com/slack_oauth'),
    ['error redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL with a fragment',
    set('/oauth_config/redirect_urls/0', 'https://spacelift.example.com/#a'),
    ['error redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL without a scheme',
    set('/oauth_config/redirect_urls/0', 'spacelift.example.com/slack_oauth'),
    ['error redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL on localhost',
    set('/oauth_config/redirect_urls/0', 'http://localhost:3000/slack_oauth'),
    ['warning redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL with a scheme of its own, without PKCE',
    set('/oauth_config/redirect_urls/0', 'myapp://callback'),
    ['warning redirect-url /oauth_config/redirect_urls/0'],
  ],
  [
    'a redirect URL with a placeholder',
    set('/oauth_config/redirect_urls/0', 'https://<your-domain>/slack_oauth'),
    ['error url-placeholder /oauth_config/redirect_urls/0'],
  ],
  ...(
    [
      'http://spacelift.example.com/',
      'HTTPS://spacelift.example.com/',
      'ftp://spacelift.example.com/',
    ] as const
  ).map(
    (url) =>
      [
        `events sent to ${url}`,
        set(`${events}/request_url`, url),
        [`error url-scheme ${events}/request_url`],
      ] as const,
  ),
  ...[
    'https://localhost/',
    'https://127.0.0.1/',
    'https://10.1.2.3/',
    'https://192.168.0.9/',
    'https://[::1]/',
    'https://[fd00::1]/',
    'https://0x7f.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/',
    'https://spacelift/',
    'https://a.localhost/',
  ].map(
    (url) =>
      [
        `events sent to ${url}`,
        set(`${events}/request_url`, url),
        [`error url-not-public ${events}/request_url`],
      ] as const,
  ),
  [
    'clicks sent to http on localhost',
    set(`${clicks}/request_url`, 'http://localhost:3000/'),
    [`error url-not-public ${clicks}/request_url`, `error url-scheme ${clicks}/request_url`],
  ],
  [
    'menu options loaded over http',
    set(`${clicks}/message_menu_options_url`, 'http://a.example.com/'),
    [`error url-scheme ${clicks}/message_menu_options_url`],
  ],
  [
    'events sent to a private name',
    set(`${events}/request_url`, 'https://spacelift.corp/'),
    [`warning url-not-public ${events}/request_url`],
  ],
  [
    'events sent to a public IP address',
    set(`${events}/request_url`, 'https://8.8.8.8/'),
    [`warning url-not-public ${events}/request_url`],
  ],
  ...[
    'https://<your-domain>/webhooks/slack',
    'https://[your-domain]/slack',
    'https://{{host}}/slack',
    'https://{host}/slack',
    `https://\${HOST}/slack`,
    'https://$HOST/slack',
    'https://%HOST%/slack',
    'https://__HOST__/slack',
    'BASE_URL/slack/events',
    'https://BASE_URL/slack/events',
    'https://your-domain/slack',
    '<url>',
    '[url]',
    'https://x.example.com/__hook__/<team>',
    'https://x.example.com/slack?team=<team>',
    'https://{your/host}/slack',
    'https://x.example.com:{port}/slack',
    '{{base}}/slack',
  ].map(
    (url) =>
      [
        `commands sent to ${url}`,
        set(`${command}/url`, url),
        [`error url-placeholder ${command}/url`],
      ] as const,
  ),
  ...[
    'https://your-app.example.com/',
    'https://YOUR_DOMAIN.ngrok.io/',
    'https://xxxx.ngrok.io/',
    'https://changeme.example.com/',
    'https://yourdomain.com/',
    'https://x.example.com/__hook__/slack',
    'https://x.example.com/$DATA',
    'https://x.example.com/{x}',
    'https://x.example.com/slack/%TEAM%?a=1',
    'https://x.example.com/[team]/slack',
    'https://x.example.com/slack?team={{team}}',
  ].map(
    (url) =>
      [
        `commands sent to ${url}`,
        set(`${command}/url`, url),
        [`warning url-placeholder ${command}/url`],
      ] as const,
  ),
  ...[
    'spacelift.example.com/webhooks/slack',
    '/webhooks/slack',
    'https://',
    'https://a b.example.com/',
    'https://a.example.com/\n',
    'https:/a.example.com/',
    'https://a.example.com:99999/',
  ].map(
    (url) =>
      [
        `commands sent to ${JSON.stringify(url)}`,
        set(`${command}/url`, url),
        [`error url-invalid ${command}/url`],
      ] as const,
  ),
  [
    'a sign-in URI over http',
    set('/settings/siws_links', { initiate_uri: 'http://example.com' }),
    ['error url-invalid /settings/siws_links/initiate_uri'],
  ],
  [
    'a Marketplace entry with a page that is not a URL',
    set('/app_directory', { ...listing, support_url: 'example.com' }),
    ['error url-invalid /app_directory/support_url'],
  ],
  [
    'a redirect URL with a placeholder, though Slack calls no URL with Socket Mode',
    all(
      set('/settings/socket_mode_enabled', true),
      set('/oauth_config/redirect_urls/0', 'https://<your-domain>/slack_oauth'),
    ),
    ['error url-placeholder /oauth_config/redirect_urls/0'],
  ],
];

describe('the rules for URLs', () => {
  itReports(rows);
  itShowsEvery(urlRules, rows);
});
