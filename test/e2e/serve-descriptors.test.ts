import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { need } from '../support/need.ts';
import { eventBody, post } from '../support/serve.ts';
import { startServe } from '../support/serve-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('serves signed requests with 256 file descriptors and 400 half-open connections', async () => {
  const file = join(await temporaryFolder(), 'serve.db');
  const prlimit = [await need('prlimit'), '--nofile=256'];
  const serve = await startServe(['--store', `sqlite:${file}`], {}, prlimit);
  const port = Number(new URL(serve.url).port);
  for (let index = 0; index < 400; index++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (index % 50)}` });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('POST /webhooks/slack HTTP/1.1\r\n');
  }
  const responses = [];
  for (let index = 0; index < 50; index++) responses.push(await post(serve.url, eventBody(`Ev${index}`)));
  expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(200));
  await serve.end('SIGTERM');
  expect(serve.output().match(/the limit of open files allows few connections/g)).toHaveLength(1);
  expect(serve.output()).toContain('"descriptors":256,"connections":88');
});
