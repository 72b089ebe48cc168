import { get } from 'node:http';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { usualQueueLimit as queueLimit } from '../../../src/commands/serve/queue-limit.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import { event } from '../../store/store-suite.ts';
import { need } from '../../support/need.ts';
import {
  commandForm,
  eventBody,
  formType,
  post,
  signedHeaders,
  startTestServer,
} from '../../support/serve.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startUpstream } from '../../support/upstream.ts';

let browser: Browser | undefined;
afterAll(() => browser?.close());

const sizes = {
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1280, height: 800 } },
} as const;

const relayTo = (origin: string, limit = queueLimit) => ({
  origin,
  host: undefined,
  ca: undefined,
  oauth: false,
  retain: 3_600_000,
  queueLimit: limit,
});

/** An event id that a shell would run. */
const odd = 'Ev$(id)';

/** A relay with a dead letter and an upstream that accepts commands, and its status page in a browser. */
async function open(size: keyof typeof sizes, limit = queueLimit) {
  const upstream = await startUpstream();
  const store = await openSqliteStore(join(await temporaryFolder(), 'serve.db'), undefined);
  await store.recordEvent(event(odd, { delivery: { 'content-type': 'application/json' } }));
  const [claim] = await store.deliveries.claim(1, 60_000);
  if (claim) await store.deliveries.settle(claim, { kind: 'set-aside', failure: 'HTTP 400' }, 60_000);
  const server = await startTestServer({ relay: relayTo(upstream.url, limit), store });
  browser ??= await chromium.launch({ executablePath: await need('chromium'), args: ['--no-sandbox'] });
  const page = await browser.newPage(sizes[size]);
  onTestFinished(() => page.close());
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(server.adminUrl);
  return { server, upstream, page, problems };
}

function send(url: string, user: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
  const body = commandForm({ text: 'a secret text', team_id: 'T1', user_id: user });
  const headers = { ...signedHeaders(body), 'Content-Type': formType, ...more };
  return fetch(`${url}/webhooks/slack`, { method: 'POST', headers, body });
}

it.each(['phone', 'desktop'] as const)('shows on a %s what happens, live, and fits on it', async (size) => {
  const { server, upstream, page, problems } = await open(size);
  await expect.poll(() => page.locator('#state').textContent()).toBe('ready');
  expect(await page.locator('#cards').textContent()).toMatch(
    /Circuitclosed.*Waiting events0Dead letters1Queue limit0 % used1 of 500,000 events0 MiB of 512 MiB/,
  );

  await send(server.url, 'U1');
  await send(server.url, 'U1', { 'X-Slack-Signature': `v0=${'0'.repeat(64)}` });
  await fetch(`${server.url}/<img src=x onerror=alert(1)>`);
  await expect.poll(() => page.locator('#requests tr').count()).toBe(3);
  const rows = await page.locator('#requests tr').allInnerTexts();
  expect(rows[2]).toMatch(/command\s+T1\/U1\s+\/spacelift\s+200 forwarded/);
  expect(rows[1]).toMatch(/401 rejected[\s\S]*signature-wrong/);
  expect(rows[0]).toContain('404 not-found');
  expect(await page.locator('img, button, form, input, a').count()).toBe(0);

  upstream.respond = (response) => response.writeHead(503).end();
  await post(server.url, eventBody('Ev2'));
  await upstream.hasReceived(2);
  for (let count = 2; count < 9; count++) await send(server.url, `U${count}`);
  await expect
    .poll(() => page.locator('#cards').textContent())
    .toMatch(
      /Circuitopenfor \d+ s.*last failure [\d:]+ .M: HTTP 503Waiting events1oldest \d+ s\d+ attempts?: HTTP 503/,
    );
  await expect
    .poll(() => page.locator('#dead code').allInnerTexts())
    .toEqual([`spacelift-slack serve events retry '${odd}' --store ${server.store.location}`]);

  const width = await page.evaluate('[document.documentElement.scrollWidth, window.innerWidth]');
  expect(width).toEqual([sizes[size].viewport.width, sizes[size].viewport.width]);
  expect(await page.content()).not.toContain('secret');
  const folder = process.env['STATUS_SCREENSHOTS'];
  if (folder) await page.screenshot({ path: `${folder}/${size}.png`, fullPage: true });
  expect(problems).toEqual([]);
});

it.each([
  ['events', { events: 1, bytes: 2 ** 30 }],
  ['bytes', { events: 1000, bytes: 200 }],
])('says that the queue is full, of %s, and what follows', async (_name, limit) => {
  const { server, page } = await open('phone', limit);
  expect((await post(server.url, eventBody('Ev2'))).status).toBe(503);
  await expect.poll(() => page.locator('#cards').textContent()).toMatch(/Queue limitfullnew events get 503/);
});

it('claims nothing before it has data', async () => {
  const { server, page } = await open('desktop');
  await page.route('**/status/events', (route) => route.abort());
  await page.goto(server.adminUrl);
  await expect.poll(() => page.locator('#state').textContent()).toBe('no connection to this server');
  expect(await page.locator('#none').isVisible()).toBe(false);
  await page.unroute('**/status/events');
  await page.goto(server.adminUrl);
  await expect.poll(() => page.locator('#none').isVisible()).toBe(true);
});

it('shows its figures as old while the server is away, and continues when it is back', async () => {
  const { server, page } = await open('desktop');
  const look = () =>
    page.evaluate(`[
      getComputedStyle(document.querySelector('#cards dd')).color,
      getComputedStyle(document.querySelector('#cards')).opacity,
    ]`);
  await expect.poll(() => page.locator('#state').textContent()).toBe('ready');
  expect(await look()).toEqual(['rgb(46, 125, 50)', '1']);
  await server.stop();
  await expect
    .poll(() => page.locator('#state').textContent())
    .toMatch(/^no connection to this server; the figures are of [\d:]+ .M$/);
  expect(await look()).toEqual(['rgb(0, 0, 0)', '0.6']);
  const { port } = new URL(server.adminUrl);
  await startTestServer({ adminListen: { host: '127.0.0.1', port: Number(port) } });
  await expect.poll(() => page.locator('#state').textContent()).toBe('ready');
  expect(await page.locator('#cards').textContent()).toContain('stand-in');
  expect(await look()).toEqual(['rgb(0, 0, 0)', '1']);
});

it('has a policy that allows its own style and script, and nothing else', async () => {
  const { adminUrl, url } = await startTestServer();
  const response = await fetch(adminUrl);
  expect(response.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  expect((await fetch(url)).status).toBe(404);
  expect((await fetch(adminUrl, { method: 'POST' })).status).toBe(405);
});

it.each<[number, string]>([
  [421, 'evil.example'],
  [421, '127.0.0.1.evil.example'],
  [421, '127.0.0.1@evil.example'],
  [421, '[evil.example]'],
  [200, '127.0.0.1'],
  [200, '[::1]'],
  [200, 'localhost'],
  [200, 'relay'],
])('responds with %d to a browser that has it as %s (DNS rebinding)', async (status, host) => {
  const { adminUrl } = await startTestServer();
  const { port } = new URL(adminUrl);
  for (const path of ['/', '/status/events']) {
    const opened = await view(`${adminUrl}${path}`, { Host: `${host}:${port}` });
    opened.end();
    expect(opened.status).toBe(status);
  }
});

it('reads the store only while somebody looks, and has a limit of viewers', async () => {
  const server = await startTestServer({ relay: relayTo((await startUpstream()).url) });
  const views = await Promise.all(Array.from({ length: 21 }, () => view(`${server.adminUrl}/status/events`)));
  expect(views.map(({ status }) => status).sort()).toEqual([...Array<number>(20).fill(200), 503]);
  for (const { end } of views) end();
  await expect
    .poll(async () => {
      const again = await view(`${server.adminUrl}/status/events`);
      again.end();
      return again.status;
    })
    .toBe(200);
});

/** Opens a stream of events, and waits for its first message. */
function view(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | undefined; end(): void }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, headers }, (response) => {
      response.once('data', () => resolve({ status: response.statusCode, end: () => response.destroy() }));
    });
    request.on('error', reject);
  });
}
