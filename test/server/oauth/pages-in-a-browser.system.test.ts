import { createServer, request } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createSlackApi } from '../../../src/slack/api/web-api.ts';
import { createAuthority } from '../../support/certificate-authority.ts';
import { localSlack } from '../../support/local-slack.ts';
import { need } from '../../support/need.ts';
import { startTestServer } from '../../support/serve.ts';

const domain = 'spacelift.example.com';
const phone: BrowserContextOptions = {
  viewport: { width: 360, height: 640 },
  isMobile: true,
  hasTouch: true,
};

let browser: Browser | undefined;
let launch: (executablePath: string) => Promise<Browser>;
let front: Server | undefined;
/** The server of the running test, to which the TLS front forwards. */
let behind = 0;

beforeAll(async () => {
  const { key, fullChain } = await (await createAuthority()).issue({ names: [domain] });
  // TLS ends in front of the server, as behind a load balancer: the cookie requires TLS.
  front = createHttpsServer({ key, cert: fullChain }, (incoming, answer) => {
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port: behind, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    incoming.pipe(onward);
  });
  const port = await listen(front);
  launch = async (executablePath) =>
    chromium.launch({
      executablePath,
      args: ['--no-sandbox', `--host-resolver-rules=MAP ${domain}:443 127.0.0.1:${port}`],
    });
});
beforeEach(async () => {
  browser ??= await launch(await need('chromium'));
});
afterAll(async () => {
  await browser?.close();
  front?.close();
});

/** A server, a browser on a phone, and a Slack whose consent page has a link to agree and one to cancel. */
async function scene() {
  const slack = await localSlack();
  const app = slack.workspace.addApp({});
  const redirectUri = `https://${domain}/slack_oauth`;
  const slackPage = createServer((asked, answer) => {
    const query = new URL(asked.url ?? '', 'http://slack').searchParams;
    const state = query.get('state') ?? '';
    const back = (outcome: Record<string, string>) =>
      `${query.get('redirect_uri')}?${new URLSearchParams({ ...outcome, state })}`;
    const code = slack.workspace.grantCode(app, { redirectUri });
    answer.setHeader('Content-Type', 'text/html');
    answer.end(
      `<a href="${back({ code })}">Allow</a> <a href="${back({ error: 'access_denied' })}">Cancel</a>`,
    );
  });
  onTestFinished(() => void slackPage.close());
  const slackPageUrl = `http://127.0.0.1:${await listen(slackPage)}`;
  const server = await startTestServer({
    oauth: {
      clientId: app.credentials.client_id,
      clientSecret: app.credentials.client_secret,
      scopes: ['commands'],
      redirectUri,
      // In this test the consent page and the API are different servers.
      slack: { ...createSlackApi({ url: slack.url, env: {} }), url: slackPageUrl },
    },
  });
  behind = server.port;
  const own = await newBrowser();
  const open = async (context = own) => {
    const tab = await context.newPage();
    const complaints: string[] = [];
    tab.on('console', (message) => complaints.push(message.text()));
    tab.on('pageerror', (error) => complaints.push(error.message));
    return { page: tab, complaints };
  };
  return { server, slack, open };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}

async function newBrowser() {
  const context = await browser?.newContext({ ...phone, ignoreHTTPSErrors: true });
  if (!context) throw new Error('there is no browser');
  onTestFinished(() => context.close());
  return context;
}

/** No horizontal scrolling, a readable font size, and a button that is large enough to touch. */
async function expectReadable(page: Page): Promise<void> {
  const measured = await page.evaluate(`({
    sideways: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    letters: [...document.querySelectorAll('p, a')].map((each) => parseFloat(getComputedStyle(each).fontSize)),
    buttons: [...document.querySelectorAll('a')].map((each) => each.getBoundingClientRect().height),
    family: getComputedStyle(document.body).fontFamily,
  })`);
  expect(measured).toMatchObject({ sideways: false, family: 'system-ui, sans-serif' });
  const { letters, buttons } = measured as { letters: number[]; buttons: number[] };
  expect(Math.min(...letters)).toBeGreaterThanOrEqual(16);
  expect(buttons.filter((height) => height < 44)).toEqual([]);
}

it('installs the app: the cookie comes back after the redirect from Slack', async () => {
  const { server, slack, open } = await scene();
  const { page, complaints } = await open();
  await page.goto(`https://${domain}/slack_oauth/install`);
  const [cookie, ...more] = await page.context().cookies(`https://${domain}`);
  expect(more).toEqual([]);
  expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain });
  await page.getByRole('link', { name: 'Allow', exact: true }).click();
  await expect.poll(() => page.textContent('h1')).toBe('Installed');
  expect(await page.textContent('p')).toContain('Local Team');
  const { id, name } = slack.workspace.team;
  expect(await server.store.installations.find(id)).toMatchObject({ id, teamName: name });
  await expectReadable(page);
  // Reloading the page sends the same state again.
  await page.reload();
  expect(await page.textContent('h1')).toBe('This link is not valid');
  await expectReadable(page);
  expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
});

it('shows that the installation was cancelled, and starts it again from there', async () => {
  const { open } = await scene();
  const { page } = await open();
  await page.goto(`https://${domain}/slack_oauth/install`);
  await page.getByRole('link', { name: 'Cancel', exact: true }).click();
  await expect.poll(() => page.textContent('h1')).toBe('The installation was cancelled');
  expect(await page.textContent('small')).toMatch(/: request [0-9a-f-]{36}$/);
  await expectReadable(page);
  await page.getByRole('link', { name: 'Start the installation again', exact: true }).click();
  await page.getByRole('link', { name: 'Allow', exact: true }).click();
  await expect.poll(() => page.textContent('h1')).toBe('Installed');
});

it('finishes installations in two tabs, but not in another browser', async () => {
  const { open } = await scene();
  const tabs = [await open(), await open()];
  for (const { page } of tabs) await page.goto(`https://${domain}/slack_oauth/install`);
  const stranger = await open(await newBrowser());
  const link = await tabs[0]?.page.getByRole('link', { name: 'Allow' }).getAttribute('href');
  for (const { page } of tabs.slice(1)) {
    await page.getByRole('link', { name: 'Allow', exact: true }).click();
    await expect.poll(() => page.textContent('h1')).toBe('Installed');
  }
  await stranger.page.goto(link ?? '');
  expect(await stranger.page.textContent('h1')).toBe(
    'This is not the browser in which the installation started',
  );
});

it('neither runs nor loads anything that an error parameter contains', async () => {
  const { open } = await scene();
  const { page } = await open();
  const asked: string[] = [];
  page.on('request', (each) => asked.push(each.url()));
  const markup = `</p><script>document.title = 'taken'</script><img src="https://${domain}/x"><style>p{display:none}</style>${'W'.repeat(300)}`;
  await page.goto(`https://${domain}/slack_oauth?error=${encodeURIComponent(markup)}`);
  expect(await page.title()).toBe('Slack did not install the app');
  expect(await page.isVisible('text=<script>')).toBe(true);
  await expectReadable(page);
  expect(asked).toHaveLength(1);
  // The policy also stops a script that is inserted later.
  await page.evaluate(
    `document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = "taken"' }))`,
  );
  expect(await page.title()).toBe('Slack did not install the app');
});
