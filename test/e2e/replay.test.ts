import { expect, it } from 'vitest';
import { postgresDatabase } from '../support/postgres.ts';
import { commandForm, formType, signedHeaders } from '../support/serve.ts';
import { startServe } from '../support/serve-process.ts';
import { startUpstream } from '../support/upstream.ts';

it('forwards a repetition of a command whose replica was killed', async () => {
  const upstream = await startUpstream(() => undefined);
  const env = { DATABASE_URL: (await postgresDatabase()).url };
  const args = ['--upstream', upstream.url];
  const [one, other] = await Promise.all([startServe(args, env), startServe(args, env)]);
  const body = commandForm();
  const headers = signedHeaders(body, { type: formType });
  const send = (url: string) => fetch(`${url}/webhooks/slack`, { method: 'POST', body, headers });

  const first = send(one.url).catch(() => 'connection lost');
  await upstream.hasReceived(1);
  await one.end('SIGKILL');
  expect(await first).toBe('connection lost');
  upstream.respond = (response) => response.end('done');
  expect(await (await send(other.url)).text()).toBe('done');
  expect(await (await send(other.url)).text()).toBe('done');
  expect(upstream.received).toHaveLength(2);
});
