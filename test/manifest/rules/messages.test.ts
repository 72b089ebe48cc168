import { expect, it } from 'vitest';
import { documentedManifest, validateText } from '../documented.ts';
import { command, type Mutation, scopes, set } from '../mutation.ts';

const redirect = '/oauth_config/redirect_urls/0';

const rows: readonly (readonly [Mutation, string])[] = [
  [set(`${command}/url`, 'a b'), '"a b" is not a complete URL'],
  [set(`${command}/url`, 'https://a b/'), 'the URL "https://a b/" contains a space'],
  [set(`${command}/url`, 'https://a.\nb/'), String.raw`the URL "https://a.\nb/" contains a line break`],
  [
    set(`${command}/url`, 'https://localhost/'),
    "Slack's servers cannot reach localhost: it names their own machine",
  ],
  [
    set(`${command}/url`, 'https://localhost./'),
    "Slack's servers cannot reach localhost: it names their own machine",
  ],
  [
    set(`${command}/url`, 'https://[fd00::1]/'),
    "Slack's servers cannot reach fd00::1: it is not a public address",
  ],
  [
    set(`${command}/url`, 'https://[2606:4700::1111]/'),
    'the host is the IP address 2606:4700::1111, and few certificates cover one',
  ],
  [set(`${command}/url`, 'https://a/'), 'the host a is a single word, not a public DNS name'],
  [
    set(redirect, 'myapp://callback'),
    'the redirect URL has the scheme myapp, which Slack allows only with PKCE',
  ],
  [set(redirect, 'http://127.0.0.1/'), 'only a browser on the same machine can reach this redirect URL'],
  [set(redirect, 'https://[::1]:3000/'), 'only a browser on the same machine can reach this redirect URL'],
  [set(redirect, 'http://10.127.0.1/'), 'the redirect URL is http, and Slack requires https'],
  [set(`${scopes}/bot_optional`, ['chat:write:bot']), 'chat:write:bot is a scope of classic apps'],
  [set(`${scopes}/user_optional`, ['chat:write:user']), 'chat:write:user is a scope of classic apps'],
  [set(`${scopes}/bot/-`, 'bananas'), 'Slack documents no scope bananas'],
];

it.each(rows.map(([mutate, message]) => [message, mutate] as const))('says: %s', async (message, mutate) => {
  const { findings } = await validateText(JSON.stringify(mutate(await documentedManifest())));
  expect(findings.map((finding) => finding.message)).toContain(message);
});

it('suggests no scope where none is near', async () => {
  const manifest = set(`${scopes}/bot/-`, 'bananas')(await documentedManifest());
  const { findings } = await validateText(JSON.stringify(manifest));
  expect(findings.map(({ hint }) => hint).join()).not.toContain('Did you mean');
});
