import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sign } from '../../src/slack/signature.ts';
import { localSlack } from '../support/local-slack.ts';
import { commandForm, eventBody, formType, post } from '../support/serve.ts';
import { startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it.each(['json', 'pretty'])(
  'lets no secret out in a whole life, with the log at its most talkative (%s)',
  async (format) => {
    const slack = await localSlack();
    const app = slack.workspace.addApp({ oauth_config: { scopes: { bot: ['commands'] } } });
    const folder = await temporaryFolder();
    const secrets: Record<string, string> = {
      signing: app.credentials.signing_secret,
      previous: 'previous-signing-secret-0123456789',
      client: app.credentials.client_secret,
      key: Buffer.alloc(32, 9).toString('base64'),
      verification: app.credentials.verification_token,
    };
    const env = {
      SLACK_SECRET: app.credentials.signing_secret,
      SLACK_SECRET_PREVIOUS: secrets['previous'] ?? '',
      SLACK_APP_CLIENT_ID: app.credentials.client_id,
      SLACK_APP_CLIENT_SECRET: app.credentials.client_secret,
      SPACELIFT_SLACK_ENCRYPTION_KEY: secrets['key'] ?? '',
    };
    const serve = await startServe(
      [
        '--verbose',
        '--store',
        `sqlite:${join(folder, 'serve.db')}`,
        '--slack-api-url',
        slack.url,
        '--log-format',
        format,
      ],
      env,
    );
    const seen: string[] = [];
    const keep = async (response: Response) => {
      const body = await response.text();
      // The browser must get its cookie and Slack its state; nobody else sees either.
      seen.push(response.status === 302 ? '' : `${JSON.stringify([...response.headers])}${body}`);
      return response;
    };
    const secret = app.credentials.signing_secret;
    const token = app.credentials.verification_token;

    // An installation that works, one that Slack refuses, one that is forged.
    const install = async (code: string) => {
      const begun = await keep(await fetch(`${serve.url}/slack_oauth/install`, { redirect: 'manual' }));
      const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state') ?? '';
      const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      secrets[`state ${state}`] = state;
      secrets[`cookie ${state}`] = cookie.split('=')[1] ?? '';
      secrets[`code ${state}`] = code;
      const query = new URLSearchParams({ code, state });
      await keep(await fetch(`${serve.url}/slack_oauth?${query}`, { headers: { Cookie: cookie } }));
      await keep(await fetch(`${serve.url}/slack_oauth?${query}`, { headers: { Cookie: cookie } }));
    };
    await install(slack.workspace.grantCode(app));
    await install('1234567890.0987654321.made-up-code-that-slack-does-not-know');
    slack.next('oauth.v2.access', { status: 500, body: `leak ${secret}` });
    await install(slack.workspace.grantCode(app));
    const [bot] = slack.workspace.botTokens.keys();
    expect(bot).toMatch(/^xoxb-/);
    secrets['bot token'] = bot ?? '';

    // Everything that Slack sends, well and badly signed.
    const command = commandForm({ token, text: 'my secret plan' });
    secrets['response_url'] = 'response-url-secret';
    secrets['trigger_id'] = '1.2.trigger-secret';
    const payload = JSON.stringify({
      type: 'block_actions',
      token,
      response_url: 'https://hooks.slack.com/response-url-secret',
    });
    const bodies: readonly (readonly [string, string])[] = [
      [command, formType],
      [`payload=${encodeURIComponent(payload)}`, formType],
      [eventBody('Ev1', undefined, { token }), 'application/json'],
      [
        eventBody('Ev2', { type: 'link_shared' }, { token, team_id: slack.workspace.team.id }),
        'application/json',
      ],
      [`{"token":"${token}"`, 'application/json'],
      [`<token>${token}</token>`, 'text/xml'],
    ];
    for (const [body, type] of bodies) {
      for (const by of [secret, secrets['previous'] ?? '', 'wrong'])
        await keep(await post(serve.url, body, { type, secret: by }));
      await keep(await post(serve.url, body, { type, secret, at: 1_700_000_000 }));
      const timestamp = String(Math.floor(Date.now() / 1000));
      secrets[`signature of ${body.slice(0, 20)}`] = sign(secret, timestamp, body);
      const headers = {
        'X-Slack-Signature': `${sign(secret, timestamp, body)}0`,
        'X-Slack-Request-Timestamp': timestamp,
      };
      const more = {
        Authorization: `Bearer ${bot}`,
        Cookie: `session=${bot}`,
      };
      await keep(
        await fetch(`${serve.url}/webhooks/slack`, {
          method: 'POST',
          body,
          headers: { ...headers, ...more },
        }),
      );
    }
    await keep(await fetch(`${serve.url}/nowhere?token=${bot}`));
    for (const path of ['/metrics', '/readyz', '/healthz']) await keep(await fetch(serve.adminUrl + path));
    expect(await serve.end('SIGTERM')).toEqual({ code: 143, signal: null });

    const files = await readdir(folder);
    const places: Record<string, Buffer> = {
      answers: Buffer.from(seen.join('\n')),
      output: Buffer.from(serve.output()),
    };
    for (const name of files) places[name] = await readFile(join(folder, name));
    expect(files).toContain('serve.db');
    // The net has holes if nothing at all is caught in it.
    expect(places['serve.db']?.includes('Ev1')).toBe(true);
    expect(places['output']?.includes('signature-malformed')).toBe(true);
    const leaks = Object.entries(secrets).flatMap(([name, value]) =>
      Object.entries(places).flatMap(([place, content]) =>
        content.includes(value) ? [`${name} in ${place}`] : [],
      ),
    );
    expect(leaks).toEqual([]);
  },
);
