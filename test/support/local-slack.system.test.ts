import { expect, it } from 'vitest';
import { type LocalSlack, localSlack } from './local-slack.ts';

const manifest = JSON.stringify({ display_information: { name: 'Spacelift' } });

interface Call {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function call(slack: LocalSlack, { path = '/api/apps.manifest.create', ...init }: Call) {
  const response = await fetch(slack.url + path, {
    method: 'POST',
    ...init,
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Authorization: `Bearer ${slack.workspace.configToken}`,
      ...init.headers,
    },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as object };
}

const form = (fields: Readonly<Record<string, string>>) => String(new URLSearchParams(fields));
const right = form({ manifest });

it.each<[string, Call, string]>([
  ['JSON', { headers: { 'Content-Type': 'application/json' }, body: '{}' }, 'sent as application/json'],
  ['a manifest that is an object', { body: 'manifest[display_information]=x' }, 'unknown argument'],
  ['a manifest that is no JSON', { body: form({ manifest: 'a: b' }) }, 'no JSON'],
  ['$schema', { body: form({ manifest: '{"$schema":"x"}' }) }, '$schema'],
  ['no manifest', { body: '' }, 'no argument manifest'],
  ['an unknown argument', { body: `${right}&force=1` }, 'unknown argument force'],
  ['an argument twice', { body: `${right}&${right}` }, 'the argument manifest twice'],
  ['a token in the body', { body: `${right}&token=x` }, 'unknown argument token'],
  ['GET', { method: 'GET' }, 'called with GET'],
  ['an unknown method', { path: '/api/apps.manifest.make', body: right }, 'no method'],
  ['basic authorization', { headers: { Authorization: 'Basic YTpi' }, body: right }, 'Basic authorization'],
  [
    'a token where none belongs',
    { path: '/api/tooling.tokens.rotate', body: 'refresh_token=x' },
    'where no fits',
  ],
])('takes note of %s', async (_, request, problem) => {
  const slack = await localSlack();
  await call(slack, request);
  expect(slack.problems.join('\n')).toContain(problem);
  slack.problems.length = 0;
});

it('returns the credentials of an app on creation, and never again', async () => {
  const slack = await localSlack();
  const created = await call(slack, { body: right });
  const [app] = slack.workspace.apps.values();
  if (!app) throw new Error('no app was made');
  expect(created.body).toMatchObject({ ok: true, app_id: app.id, credentials: app.credentials });
  const again = await call(slack, { path: '/api/apps.manifest.export', body: form({ app_id: app.id }) });
  expect(again.body).toMatchObject({ ok: true, manifest: JSON.parse(manifest) });
  expect(JSON.stringify(again.body)).not.toContain(app.credentials.client_secret);
});

it('accepts a refresh token once', async () => {
  const slack = await localSlack();
  const rotate = () =>
    fetch(`${slack.url}/api/tooling.tokens.rotate`, {
      method: 'POST',
      body: new URLSearchParams({ refresh_token }),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    }).then((response) => response.json());
  const refresh_token = slack.workspace.refreshToken;
  expect(await rotate()).toMatchObject({ ok: true, refresh_token: slack.workspace.refreshToken });
  expect(await rotate()).toEqual({ ok: false, error: 'invalid_refresh_token' });
});

it('enforces the rate limits if a window is given', async () => {
  const slack = await localSlack({ minute: 60_000 });
  expect((await call(slack, { body: right })).status).toBe(200);
  const second = await call(slack, { body: right });
  expect(second.status).toBe(429);
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
});

it('follows the steps in order, then works as usual', async () => {
  const slack = await localSlack({
    steps: { 'apps.manifest.create': [{ refuse: 'fatal_error' }, { status: 502, body: '"bad"' }] },
  });
  expect((await call(slack, { body: right })).body).toEqual({ ok: false, error: 'fatal_error' });
  expect((await call(slack, { body: right })).status).toBe(502);
  slack.next('apps.manifest.create', { cut: 'after' });
  await expect(call(slack, { body: right })).rejects.toThrow('fetch failed');
  expect(slack.workspace.apps.size).toBe(1);
  expect((await call(slack, { body: right })).body).toMatchObject({ ok: true });
});
