import { expect, it } from 'vitest';
import { readRaw } from '../../support/raw-http.ts';
import { commandForm, formType, signedHeaders, startTestServer } from '../../support/serve.ts';

/** The head of the response to a request, as it was sent, without its request id and date. */
async function headOf(request: string): Promise<readonly string[]> {
  const { port } = await startTestServer();
  const [head = ''] = (await readRaw(port, [request])).split('\r\n\r\n');
  return head
    .replace(/(?<=\r\nX-Request-Id: )[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\r\n/, '…\r\n')
    .replace(/(?<=\r\nDate: ).*? GMT\r\n/, '…\r\n')
    .split('\r\n');
}

function command(body: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `POST /webhooks/slack HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${length}${lines.join('')}\r\n${body}`;
}

const usual = ['X-Content-Type-Options: nosniff', 'X-Request-Id: …'];
const json = 'Content-Type: application/json; charset=utf-8';
const last = ['Date: …', 'Connection: close'];

it('sends the headers of a response in the same order and spelling each time', async () => {
  const body = commandForm();
  const signed = signedHeaders(body, { type: formType });
  const heads = await Promise.all(
    [
      command(body, signed),
      command(body, { ...signed, 'X-Slack-Signature': 'v0=0' }),
      command('ssl_check=1', { 'Content-Type': formType }),
      'GET /webhooks/slack HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    ].map(headOf),
  );
  expect(heads).toEqual([
    ['HTTP/1.1 200 OK', ...usual, json, 'Content-Length: 954', ...last],
    ['HTTP/1.1 401 Unauthorized', ...usual, json, 'Content-Length: 29', ...last],
    ['HTTP/1.1 200 OK', ...usual, 'Content-Length: 0', ...last],
    ['HTTP/1.1 405 Method Not Allowed', ...usual, json, 'Allow: POST', 'Content-Length: 30', ...last],
  ]);
});
