import { describe, expect, it, vi } from 'vitest';
import { createSlackApi } from '../../../src/slack/api/web-api.ts';
import type { App, Grant } from '../../support/local-slack/workspace.ts';
import { type LocalSlack, localSlack, type Step } from '../../support/local-slack.ts';
import { eventBody, post, startTestServer, type TestServer } from '../../support/serve.ts';

const redirectUri = 'https://spacelift.example.com/slack_oauth';

/** The server with an app of the local Slack, and a clock that stands still until a test sets it. */
async function scene({
  timeoutMs = 5_000,
  namesRedirect = true,
  allowedWorkspaces = undefined as readonly string[] | undefined,
} = {}) {
  const slack = await localSlack();
  const app = slack.workspace.addApp({});
  const clock = { start: Date.now(), ahead: 0 };
  const server = await startTestServer({
    now: () => clock.start + clock.ahead,
    oauth: {
      clientId: app.credentials.client_id,
      clientSecret: app.credentials.client_secret,
      scopes: ['commands', 'chat:write'],
      redirectUri: namesRedirect ? redirectUri : undefined,
      allowedWorkspaces,
      slack: createSlackApi({ url: slack.url, env: {}, timeoutMs, longestWaitSeconds: 0 }),
    },
  });
  return { slack, app, clock, server };
}

/** What a browser has after the redirect to Slack. */
interface Begun {
  readonly state: string;
  readonly cookie: string;
  readonly location: URL;
  readonly response: Response;
}

async function begin({ url }: TestServer, cookie?: string): Promise<Begun> {
  const response = await fetch(`${url}/slack_oauth/install`, {
    redirect: 'manual',
    headers: cookie === undefined ? {} : { Cookie: cookie },
  });
  const location = new URL(response.headers.get('location') ?? '');
  const set = response.headers.getSetCookie()[0] ?? '';
  return {
    state: location.searchParams.get('state') ?? '',
    cookie: set.split(';')[0] ?? '',
    location,
    response,
  };
}

async function comeBack({ url }: TestServer, query: Record<string, string> | string, cookie?: string) {
  const search = typeof query === 'string' ? query : new URLSearchParams(query).toString();
  const response = await fetch(`${url}/slack_oauth?${search}`, {
    headers: cookie === undefined ? {} : { Cookie: cookie },
  });
  const { status, headers } = response;
  const page = await response.text();
  // By this id an operator finds the log line of a failure that a person reports.
  expect(page.includes(`request ${headers.get('x-request-id')}`)).toBe(status >= 400 && status !== 429);
  return { status, headers, page };
}

const agree = (slack: LocalSlack, app: App, grant: Grant = {}) =>
  slack.workspace.grantCode(app, { redirectUri, ...grant });

it('redirects the browser to Slack with a state that is bound to a Secure, HttpOnly, SameSite cookie', async () => {
  const { slack, app, server } = await scene();
  const { location, response, state } = await begin(server);
  expect(response.status).toBe(302);
  expect(`${location.origin}${location.pathname}`).toBe(`${slack.url}/oauth/v2/authorize`);
  expect(Object.fromEntries(location.searchParams)).toEqual({
    client_id: app.credentials.client_id,
    scope: 'commands,chat:write',
    redirect_uri: redirectUri,
    state,
  });
  expect(state).toMatch(/^[A-Za-z0-9_-]{43}$/);
  const [cookie, ...more] = response.headers.getSetCookie();
  expect(more).toEqual([]);
  expect(cookie).toMatch(
    /^__Host-spacelift-slack-install-[0-9a-f]{16}=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/,
  );
  expect(cookie).not.toContain(state);
});

it('exchanges the code with HTTP Basic and the same redirect_uri, and stores the token', async () => {
  const { slack, app, server } = await scene();
  const { state, cookie } = await begin(server);
  const { status, page, headers } = await comeBack(server, { code: agree(slack, app), state }, cookie);
  expect(status).toBe(200);
  expect(page).toContain('Local Team');
  const [call] = slack.calls('oauth.v2.access');
  expect(call?.authorization.basic?.user).toBe(app.credentials.client_id);
  expect(Object.keys(call?.form ?? {}).sort()).toEqual(['code', 'redirect_uri']);
  expect(call?.form['redirect_uri']).toBe(redirectUri);
  const installation = await server.store.installations.find(slack.workspace.team.id);
  expect(installation).toMatchObject({ orgWide: false, teamName: 'Local Team', appId: app.id });
  expect(slack.workspace.botTokens.has(installation?.tokens.bot ?? '')).toBe(true);
  expect(page).not.toContain(installation?.tokens.bot);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
});

it('sends no redirect_uri in either step without a domain', async () => {
  const { slack, app, server } = await scene({ namesRedirect: false });
  const { state, cookie, location } = await begin(server);
  expect(location.searchParams.has('redirect_uri')).toBe(false);
  const { status } = await comeBack(server, { code: slack.workspace.grantCode(app), state }, cookie);
  expect(status).toBe(200);
  expect(slack.calls('oauth.v2.access')[0]?.form).not.toHaveProperty('redirect_uri');
});

describe('a list of allowed workspaces', () => {
  async function installFrom(allowed: readonly string[], answer: NonNullable<Grant['answer']>) {
    const { slack, app, server } = await scene({ allowedWorkspaces: allowed });
    const { state, cookie } = await begin(server);
    const install = () => comeBack(server, { code: agree(slack, app, { answer }), state }, cookie);
    return { slack, server, install };
  }
  const team = { team: { id: 'T1', name: 'Team' } };
  const inOrganisation = { ...team, enterprise: { id: 'E1', name: 'Corp' } };
  const orgWide = { team: null, enterprise: { id: 'E1', name: 'Corp' }, is_enterprise_install: true };

  it.each([
    ['a workspace on it', ['T2', 'T1'], team, 'T1'],
    ['a workspace of an organisation on it', ['E1'], inOrganisation, 'T1'],
    ['an organisation on it', ['E1'], orgWide, 'E1'],
  ])('lets %s install the app', async (_name, allowed, answer, id) => {
    const { server, install } = await installFrom(allowed, answer);
    expect((await install()).status).toBe(200);
    expect(await server.store.installations.find(id)).toMatchObject({ id, orgWide: id === 'E1' });
  });

  it.each([
    ['another workspace', ['T2'], team, 'T1'],
    ['another organisation', ['E2', 'T1'], orgWide, 'E1'],
  ])('shows a page to %s, stores nothing, and revokes the token', async (_name, allowed, answer, id) => {
    const { slack, server, install } = await installFrom(allowed, answer);
    const { status, page } = await install();
    expect(status).toBe(403);
    expect(page).toContain('This workspace is not allowed');
    expect(page).toContain('has been revoked');
    expect(await server.store.installations.list()).toEqual([]);
    expect(slack.workspace.botTokens.size).toBe(0);
    expect(await server.log()).toContainEqual(
      expect.objectContaining({
        who: id,
        outcome: 'not-installed',
        reason: 'workspace not allowed, token revoked',
      }),
    );
  });

  it('says on the page and in the log that the token could not be revoked', async () => {
    const { slack, server, install } = await installFrom(['T2'], team);
    slack.next('auth.revoke', { status: 500 });
    const { status, page } = await install();
    expect([status, page]).toEqual([403, expect.stringContaining('could not be revoked')]);
    expect(await server.store.installations.list()).toEqual([]);
    expect(await server.log()).toContainEqual(
      expect.objectContaining({ reason: expect.stringMatching(/token not revoked: .* HTTP status 500/) }),
    );
  });
});

it('keys an org-wide installation by the enterprise', async () => {
  const { slack, app, server } = await scene();
  const { state, cookie } = await begin(server);
  const answer = { team: null, enterprise: { id: 'E1', name: 'Corp' }, is_enterprise_install: true };
  const { status, page } = await comeBack(server, { code: agree(slack, app, { answer }), state }, cookie);
  expect([status, page.includes('Corp')]).toEqual([200, true]);
  expect(await server.store.installations.find('E1')).toMatchObject({
    orgWide: true,
    teamId: null,
    enterpriseId: 'E1',
  });
});

it('stores the refresh token and the expiry of a token that rotates', async () => {
  const { slack, app, server } = await scene();
  const { state, cookie } = await begin(server);
  const answer = { access_token: 'xoxe.xoxb-1-a', refresh_token: 'xoxe-1-b', expires_in: 43_200 };
  await comeBack(server, { code: agree(slack, app, { answer }), state }, cookie);
  const installation = await server.store.installations.find(slack.workspace.team.id);
  expect(installation?.tokens).toEqual({
    bot: 'xoxe.xoxb-1-a',
    refresh: 'xoxe-1-b',
    expiresAt: (installation?.installedAt ?? 0) + 43_200_000,
  });
});

it('finishes installations in two tabs of one browser, in either order', async () => {
  const { slack, app, server } = await scene();
  const first = await begin(server);
  const second = await begin(server);
  const cookies = `${first.cookie}; ${second.cookie}`;
  for (const { state } of [second, first]) {
    expect((await comeBack(server, { code: agree(slack, app), state }, cookies)).status).toBe(200);
  }
});

it('gives each installation a cookie of its own, whatever the browser brings', async () => {
  const { server } = await scene();
  const first = await begin(server);
  const second = await begin(server, first.cookie);
  const [name, value] = first.cookie.split('=');
  expect(second.cookie.split('=')).toEqual([
    expect.not.stringMatching(`^${name}$`),
    expect.not.stringMatching(`^${value}$`),
  ]);
});

type Scene = Awaited<ReturnType<typeof scene>>;
type Attack = (all: Scene) => Promise<{ status: number; page: string }>;

const attacks: readonly [name: string, attack: Attack, status: number, says: string][] = [
  [
    'no state',
    async ({ slack, app, server }) => {
      const { cookie } = await begin(server);
      return comeBack(server, { code: agree(slack, app) }, cookie);
    },
    400,
    'was not started here',
  ],
  [
    'an empty state',
    async ({ slack, app, server }) => {
      const { cookie } = await begin(server);
      return comeBack(server, { code: agree(slack, app), state: '' }, cookie);
    },
    400,
    'was not started here',
  ],
  [
    'a made-up state',
    async ({ slack, app, server }) => {
      const { cookie } = await begin(server);
      return comeBack(server, { code: agree(slack, app), state: 'x'.repeat(43) }, cookie);
    },
    400,
    'link is not valid',
  ],
  [
    'a state of markup',
    async ({ slack, app, server }) => {
      const { cookie } = await begin(server);
      return comeBack(server, { code: agree(slack, app), state: '<script>alert(1)</script>' }, cookie);
    },
    400,
    'link is not valid',
  ],
  [
    'the state twice',
    async ({ slack, app, server }) => {
      const { cookie, state } = await begin(server);
      return comeBack(server, `code=${agree(slack, app)}&state=${state}&state=${state}`, cookie);
    },
    400,
    'link is not valid',
  ],
  [
    'a state used before',
    async ({ slack, app, server }) => {
      const { cookie, state } = await begin(server);
      await comeBack(server, { code: agree(slack, app), state }, cookie);
      return comeBack(server, { code: agree(slack, app), state }, cookie);
    },
    400,
    'link is not valid',
  ],
  [
    'a state used twice at once',
    async ({ slack, app, server }) => {
      const { cookie, state } = await begin(server);
      const both = await Promise.all(
        [1, 2].map(() => comeBack(server, { code: agree(slack, app), state }, cookie)),
      );
      expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
      return both.find(({ status }) => status === 400) ?? { status: 0, page: '' };
    },
    400,
    'link is not valid',
  ],
  [
    'a state used after a cancellation',
    async ({ slack, app, server }) => {
      const { cookie, state } = await begin(server);
      await comeBack(server, { error: 'access_denied', state }, cookie);
      return comeBack(server, { code: agree(slack, app), state }, cookie);
    },
    400,
    'link is not valid',
  ],
  [
    'the state of another browser',
    async ({ slack, app, server }) => {
      const attacker = await begin(server);
      const victim = await begin(server);
      return comeBack(server, { code: agree(slack, app), state: attacker.state }, victim.cookie);
    },
    400,
    'not the browser in which',
  ],
  [
    'no cookie',
    async ({ slack, app, server }) => {
      const { state } = await begin(server);
      return comeBack(server, { code: agree(slack, app), state });
    },
    400,
    'not the browser in which',
  ],
  [
    'the right cookie and another',
    async ({ slack, app, server }) => {
      const { state, cookie } = await begin(server);
      return comeBack(
        server,
        { code: agree(slack, app), state },
        `${cookie}; ${cookie.split('=')[0]}=${'a'.repeat(43)}`,
      );
    },
    400,
    'not the browser in which',
  ],
  [
    'a cookie that a sibling subdomain has set, with a blank before its name',
    async ({ slack, app, server }) => {
      const { state, cookie } = await begin(server);
      return comeBack(server, { code: agree(slack, app), state }, `\u00a0${cookie}`);
    },
    400,
    'not the browser in which',
  ],
  [
    'a state that failed in another browser, back in its own',
    async ({ slack, app, server }) => {
      const { state, cookie } = await begin(server);
      await comeBack(server, { code: agree(slack, app), state });
      return comeBack(server, { code: agree(slack, app), state }, cookie);
    },
    400,
    'link is not valid',
  ],
  [
    'ten minutes and no more',
    async ({ slack, app, server, clock }) => {
      const { state, cookie } = await begin(server);
      clock.ahead = 10 * 60_000;
      return comeBack(server, { code: agree(slack, app), state }, cookie);
    },
    400,
    'took too long',
  ],
  [
    'no code',
    async ({ server }) => {
      const { state, cookie } = await begin(server);
      return comeBack(server, { state }, cookie);
    },
    400,
    'sent no code',
  ],
  [
    'two codes',
    async ({ slack, app, server }) => {
      const { state, cookie } = await begin(server);
      return comeBack(server, `code=${agree(slack, app)}&code=x&state=${state}`, cookie);
    },
    400,
    'sent no code',
  ],
  [
    'a code used before',
    async ({ slack, app, server }) => {
      const code = agree(slack, app);
      const first = await begin(server);
      await comeBack(server, { code, state: first.state }, first.cookie);
      const second = await begin(server);
      return comeBack(server, { code, state: second.state }, second.cookie);
    },
    400,
    'Slack did not install',
  ],
  [
    'a made-up code',
    async ({ server }) => {
      const { state, cookie } = await begin(server);
      return comeBack(server, { code: '"><script>', state }, cookie);
    },
    400,
    'invalid_code',
  ],
  ['nothing at all', async ({ server }) => comeBack(server, ''), 400, 'was not started here'],
];

it.each(attacks)('rejects %s', async (_name, attack, status, says) => {
  const all = await scene();
  const before = await attack(all);
  expect([before.status, before.page.includes(says)]).toEqual([status, true]);
  expect(before.page).not.toContain('<script>');
  // The attack does not affect the installation that the person started.
  all.clock.ahead = 0;
  const { state, cookie } = await begin(all.server);
  expect((await comeBack(all.server, { code: agree(all.slack, all.app), state }, cookie)).status).toBe(200);
});

it('accepts a state until its last millisecond', async () => {
  const { slack, app, server, clock } = await scene();
  const { state, cookie } = await begin(server);
  clock.ahead = 10 * 60_000 - 1;
  expect((await comeBack(server, { code: agree(slack, app), state }, cookie)).status).toBe(200);
});

it.each([
  ['access_denied', 'was cancelled'],
  ['invalid_scope', 'invalid_scope'],
  ['invalid_team_for_non_distributed_app', 'another workspace'],
  ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['"><img src=x onerror=alert(1)>', '&quot;&gt;&lt;img'],
  ["'`", '&#39;`'],
  [`</title>${'x'.repeat(5_000)}`, 'xxxx'],
])('shows error=%s as text', async (error, says) => {
  const { slack, server, app } = await scene();
  const { state, cookie } = await begin(server);
  const { status, page } = await comeBack(server, { error, state }, cookie);
  expect([status, page.includes(says)]).toEqual([400, true]);
  expect(page).not.toMatch(/<script|<img|onerror=alert\(1\)>|<\/title>x/);
  expect(page.length).toBeLessThan(3_000);
  expect(slack.calls('oauth.v2.access')).toEqual([]);
  expect((await comeBack(server, { code: agree(slack, app), error })).status).toBe(400);
});

const refusals = [
  'invalid_client_id',
  'bad_client_secret',
  'invalid_code',
  'bad_redirect_uri',
  'oauth_authorization_url_mismatch',
  'no_scopes',
  'invalid_grant_type',
  'invalid_refresh_token',
  'invalid_code_verifier',
  'pkce_not_allowed',
  'cannot_install_an_org_installed_app',
  'user_email_unverified',
  'preview_feature_not_available',
  'code_already_used',
  'code_expired',
  'internal_error',
  '<b>new</b>',
];

const failures: readonly [name: string, step: Step, status: number, says: string, reason: string | RegExp][] =
  [
    ...refusals.map((word): [string, Step, number, string, string] => [
      word,
      { refuse: word },
      400,
      word.replace('<b>new</b>', '&lt;b&gt;new&lt;/b&gt;'),
      word,
    ]),
    ['HTTP 500', { status: 500 }, 502, 'could not be reached', /HTTP status 500/],
    [
      'HTTP 403 with a page',
      { status: 403, body: '<html>blocked' },
      502,
      'could not be reached',
      /HTTP status 403/,
    ],
    [
      'something else than JSON',
      { status: 200, body: '<html>login' },
      502,
      'could not be reached',
      /not Slack's/,
    ],
    ['JSON null', { status: 200, body: 'null' }, 502, 'could not be reached', /not Slack's/],
    ['a rate limit', { rateLimited: 30 }, 502, 'could not be reached', /30 s/],
    ['silence', { hang: true }, 504, 'did not respond in time', /within 0.3 s/],
    ['a cut connection', { cut: 'before' }, 502, 'could not be reached', /closed before/],
    [
      'no token',
      { answer: { ok: true, team: { id: 'T1' }, app_id: 'A1' } },
      502,
      'no bot token',
      /bot token/,
    ],
    [
      'no team',
      { answer: { ok: true, access_token: 'xoxb-1', team: null } },
      502,
      'no bot token',
      /bot token/,
    ],
    [
      'a user token alone',
      { answer: { ok: true, team: { id: 'T1' }, authed_user: { id: 'U1', access_token: 'xoxp-secret' } } },
      502,
      'no bot token',
      /bot token/,
    ],
  ];

it.each(failures)(
  'shows what to do when the response of Slack is %s',
  async (name, step, status, says, reason) => {
    const { slack, app, server } = await scene({ timeoutMs: name === 'silence' ? 300 : 5_000 });
    const { state, cookie } = await begin(server);
    const code = agree(slack, app);
    slack.next('oauth.v2.access', step);
    const result = await comeBack(server, { code, state }, cookie);
    expect([result.status, result.page.includes(says)]).toEqual([status, true]);
    expect(result.page).toContain('href="/slack_oauth/install"');
    expect(result.page).not.toMatch(/<b>new|<html>(blocked|login)|xoxp-secret/);
    const line = (await server.log()).findLast((each) => each['kind'] === 'oauth');
    expect(line?.['reason']).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
    expect(await server.logText()).not.toMatch(/xoxp-secret|xoxb-1/);
    // A later installation works.
    const again = await begin(server, cookie);
    expect(
      (await comeBack(server, { code: agree(slack, app), state: again.state }, again.cookie)).status,
    ).toBe(200);
  },
);

it.each(['oauthStates.save', 'oauthStates.take', 'installations.save'] as const)(
  'says so when the store fails at %s, and works again when it does',
  async (method) => {
    const { slack, app, server } = await scene();
    const { state, cookie } = await begin(server);
    const { oauthStates, installations } = server.store;
    const spy = {
      'oauthStates.save': () => vi.spyOn(oauthStates, 'save'),
      'oauthStates.take': () => vi.spyOn(oauthStates, 'take'),
      'installations.save': () => vi.spyOn(installations, 'save'),
    }[method]();
    spy.mockRejectedValue(new Error('disk full'));
    const response =
      method === 'oauthStates.save'
        ? await fetch(`${server.url}/slack_oauth/install`, { redirect: 'manual' })
        : undefined;
    const result = response
      ? { status: response.status, page: await response.text() }
      : await comeBack(server, { code: agree(slack, app), state }, cookie);
    expect([result.status, result.page.includes('could not be saved')]).toEqual([503, true]);
    spy.mockRestore();
    const again = await begin(server, cookie);
    expect(
      (await comeBack(server, { code: agree(slack, app), state: again.state }, again.cookie)).status,
    ).toBe(200);
  },
);

it('escapes markup in the name of a workspace', async () => {
  const { slack, app, server } = await scene();
  const { state, cookie } = await begin(server);
  const answer = { team: { id: 'T1', name: '<script>alert("x")</script> & Söhne' } };
  const { page } = await comeBack(server, { code: agree(slack, app, { answer }), state }, cookie);
  expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Söhne');
});

it('limits how often a client can start an installation, but not its signed requests', async () => {
  const { server } = await scene();
  const statuses: number[] = [];
  for (let count = 0; count < 299; count++) {
    statuses.push((await fetch(`${server.url}/slack_oauth/install`, { redirect: 'manual' })).status);
  }
  expect(new Set(statuses)).toEqual(new Set([302]));
  expect((await comeBack(server, 'code=1')).status).toBe(400);
  const limited = await fetch(`${server.url}/slack_oauth/install`, { redirect: 'manual' });
  expect(limited.status).toBe(429);
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await comeBack(server, 'code=1')).status).toBe(429);
  // Unsigned requests get 401 as always, and signed ones are accepted.
  expect((await post(server.url, eventBody('Ev1'), { secret: 'wrong' })).status).toBe(401);
  expect((await post(server.url, eventBody('Ev1'))).status).toBe(200);
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
  expect(metrics).toContain('spacelift_slack_requests_total{kind="install",status="429"} 1');
  expect(metrics).toContain('spacelift_slack_requests_total{kind="oauth",status="429"} 1');
});
