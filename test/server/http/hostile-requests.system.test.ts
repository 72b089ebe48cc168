import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { sign } from '../../../src/slack/signature.ts';
import { abandonRaw, exchangeRaw, type Step } from '../../support/raw-http.ts';
import {
  commandForm,
  eventBody,
  formType,
  post,
  signingSecret,
  startTestServer,
  type TestServer,
} from '../../support/serve.ts';

let server: TestServer;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  server = await startTestServer({}, (end) => ends.push(end));
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const json = 'application/json';
const challenge = '{"type":"url_verification","challenge":"c"}';
const timestamp = () => String(Math.floor(Date.now() / 1000));

interface RawRequest {
  readonly line?: string;
  readonly type?: string;
  readonly body?: Uint8Array | string;
  /** Header lines instead of those that sign the body. */
  readonly signature?: readonly string[];
  /** Header lines instead of Content-Length. */
  readonly length?: readonly string[];
  readonly more?: readonly string[];
  /** The body that is sent, if it differs from the signed one. */
  readonly sent?: Uint8Array | string;
  readonly host?: readonly string[];
  /** Keeps the connection open after the response. */
  readonly keep?: boolean;
}

/** A request as Slack sends it, with the changes of a row. */
function raw(request: RawRequest = {}): Buffer {
  const { type = json, body = challenge } = request;
  const at = timestamp();
  const head = [
    request.line ?? 'POST /webhooks/slack HTTP/1.1',
    ...(request.host ?? ['Host: spacelift.example.com']),
    ...(request.keep ? [] : ['Connection: close']),
    `Content-Type: ${type}`,
    ...(request.signature ?? [
      `X-Slack-Request-Timestamp: ${at}`,
      `X-Slack-Signature: ${sign(signingSecret, at, body)}`,
    ]),
    ...(request.length ?? [`Content-Length: ${Buffer.byteLength(request.sent ?? body)}`]),
    ...(request.more ?? []),
  ];
  return Buffer.concat([
    Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'),
    Buffer.from(request.sent ?? body),
  ]);
}

const chunked = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const form = (body: Uint8Array | string) => raw({ type: formType, body });
const asJson = (body: Uint8Array | string) => raw({ body });
const at = (line: string) => raw({ line: `${line} HTTP/1.1` });

/** Signature headers that are made from a valid pair. */
const signedWith = (change: (timestamp: string, signature: string) => readonly string[], signed?: string) => {
  const time = timestamp();
  return raw({ signature: change(time, sign(signingSecret, signed ?? time, challenge)) });
};
const stamp = (time: string) => `X-Slack-Request-Timestamp: ${time}`;
const signature = (value: string) => `X-Slack-Signature: ${value}`;

const badPayload = (payload: string) => form(`payload=${encodeURIComponent(payload)}`);

type Row = readonly [name: string, steps: () => Step | readonly Step[], statuses: readonly number[]];

const verification: readonly Row[] = [
  ['the good request', () => raw(), [200]],
  ['no signature headers', () => raw({ signature: [] }), [401]],
  ['no signature', () => signedWith((time) => [stamp(time)]), [401]],
  ['no timestamp', () => signedWith((_, right) => [signature(right)]), [401]],
  [
    'the signature twice',
    () => signedWith((time, right) => [stamp(time), signature(right), signature(right)]),
    [401],
  ],
  [
    'a wrong signature behind',
    () => signedWith((time, right) => [stamp(time), signature(right), signature('v0=0')]),
    [401],
  ],
  [
    'a wrong signature in front',
    () => signedWith((time, right) => [stamp(time), signature('v0=0'), signature(right)]),
    [401],
  ],
  [
    'the timestamp twice',
    () => signedWith((time, right) => [stamp(time), stamp(time), signature(right)]),
    [401],
  ],
  [
    'two timestamps in one header',
    () => signedWith((time, right) => [stamp(`${time}, ${time}`), signature(right)]),
    [401],
  ],
  [
    'two signatures in one header',
    () => signedWith((time, right) => [stamp(time), signature(`${right}, ${right}`)]),
    [401],
  ],
  [
    'the header names in other cases',
    () => signedWith((time, right) => [`x-slack-request-TIMESTAMP: ${time}`, `X-SLACK-SIGNATURE: ${right}`]),
    [200],
  ],
  [
    'blanks around the values, which HTTP drops',
    () =>
      signedWith((time, right) => [`X-Slack-Request-Timestamp: \t ${time} `, `X-Slack-Signature:${right}  `]),
    [200],
  ],
  [
    'a 0 in front of the timestamp',
    () => signedWith((time, right) => [stamp(`0${time}`), signature(right)]),
    [401],
  ],
  [
    'a 0 in front of the timestamp, signed',
    () => {
      const time = `0${timestamp()}`;
      return raw({ signature: [stamp(time), signature(sign(signingSecret, time, challenge))] });
    },
    [401],
  ],
  [
    'a fraction, signed',
    () => {
      const time = `${timestamp()}.5`;
      return raw({ signature: [stamp(time), signature(sign(signingSecret, time, challenge))] });
    },
    [401],
  ],
  [
    'a sign, signed',
    () => {
      const time = `+${timestamp()}`;
      return raw({ signature: [stamp(time), signature(sign(signingSecret, time, challenge))] });
    },
    [401],
  ],
  [
    'an exponent, signed',
    () => raw({ signature: [stamp('1e10'), signature(sign(signingSecret, '1e10', challenge))] }),
    [401],
  ],
  [
    'ten years ahead, signed',
    () => {
      const time = String(Number(timestamp()) + 315_360_000);
      return raw({ signature: [stamp(time), signature(sign(signingSecret, time, challenge))] });
    },
    [401],
  ],
  [
    'an hour ago, signed',
    () => {
      const time = String(Number(timestamp()) - 3600);
      return raw({ signature: [stamp(time), signature(sign(signingSecret, time, challenge))] });
    },
    [401],
  ],
  [
    'milliseconds, signed',
    () => {
      const time = String(Date.now());
      return raw({ signature: [stamp(time), signature(sign(signingSecret, time, challenge))] });
    },
    [401],
  ],
  [
    'a tail behind the signature',
    () => signedWith((time, right) => [stamp(time), signature(`${right}00`)]),
    [401],
  ],
  [
    'a signature cut short',
    () => signedWith((time, right) => [stamp(time), signature(right.slice(0, -2))]),
    [401],
  ],
  [
    'upper-case digits',
    () => signedWith((time, right) => [stamp(time), signature(right.toUpperCase().replace('V0', 'v0'))]),
    [401],
  ],
  [
    'another version',
    () => signedWith((time, right) => [stamp(time), signature(right.replace('v0=', 'v1='))]),
    [401],
  ],
  ['no version', () => signedWith((time, right) => [stamp(time), signature(right.slice(3))]), [401]],
  ['a signature of nothing', () => signedWith((time) => [stamp(time), signature('v0=')]), [401]],
  ['an empty signature', () => signedWith((time) => [stamp(time), 'X-Slack-Signature:']), [401]],
  ['the signature of another body', () => raw({ sent: challenge.replace('"c"', '"d"') }), [401]],
  ['a blank behind what was signed', () => raw({ sent: `${challenge} ` }), [401]],
  [
    'the signing key in hexadecimal',
    () => {
      const time = timestamp();
      return raw({
        signature: [
          stamp(time),
          signature(sign(Buffer.from(signingSecret, 'hex').toString('latin1'), time, challenge)),
        ],
      });
    },
    [401],
  ],
  [
    'an empty secret',
    () => {
      const time = timestamp();
      return raw({ signature: [stamp(time), signature(sign('', time, challenge))] });
    },
    [401],
  ],
  ['ssl_check, unsigned', () => raw({ type: formType, body: 'ssl_check=1', signature: [] }), [200]],
  ['a challenge, unsigned', () => raw({ signature: [] }), [401]],
  [
    'signature headers in the trailer',
    () => {
      const time = timestamp();
      return raw({
        signature: [],
        length: ['Transfer-Encoding: chunked', 'Trailer: X-Slack-Signature'],
        sent: `${Buffer.byteLength(challenge).toString(16)}\r\n${challenge}\r\n0\r\n${stamp(time)}\r\n${signature(sign(signingSecret, time, challenge))}\r\n\r\n`,
      });
    },
    [401],
  ],
];

const bodies: readonly Row[] = [
  ['JSON null', () => asJson('null'), [400]],
  ['a JSON array', () => asJson('[{"type":"url_verification","challenge":"c"}]'), [400]],
  ['a JSON number', () => asJson('1'), [400]],
  ['a JSON string', () => asJson('"url_verification"'), [400]],
  ['no JSON', () => asJson('{"type":'), [400]],
  ['an empty body as JSON', () => asJson(''), [400]],
  ['JSON behind a byte order mark', () => asJson(`\ufeff${challenge}`), [400]],
  ['100,000 arrays in one another', () => asJson('['.repeat(100_000) + ']'.repeat(100_000)), [400]],
  [
    '100,000 objects in one another',
    () => asJson(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
    [200],
  ],
  [
    'JSON in invalid UTF-8, signed over its bytes',
    () => asJson(Buffer.from('{"type":"\xff\xfe"}', 'latin1')),
    [400],
  ],
  [
    'a form in invalid UTF-8, signed over its bytes',
    () => form(Buffer.from('command=/x&text=\xe9', 'latin1')),
    [400],
  ],
  ['a form with invalid percent-encoding', () => form('command=%2Fx&text=%zz%ff'), [200]],
  ['UTF-8 in a form, signed over its bytes', () => form('command=/x&text=héllo'), [200]],
  ['__proto__ in JSON', () => asJson('{"__proto__":{"type":"url_verification"},"constructor":{}}'), [200]],
  ['__proto__ in a form', () => form('__proto__=1&constructor=2&command=%2Fx'), [200]],
  ['a challenge that is no text', () => asJson('{"type":"url_verification","challenge":{"a":1}}'), [400]],
  ['payload twice', () => form('payload=%7B%7D&payload=%7B%7D'), [400]],
  ['command twice', () => form('command=%2Fa&command=%2Fb'), [400]],
  ['ssl_check twice', () => form('ssl_check=1&ssl_check=1'), [400]],
  ['a payload and a command', () => form('payload=%7B%7D&command=%2Fa'), [400]],
  ['a payload of null', () => badPayload('null'), [400]],
  ['a payload of an array', () => badPayload('[]'), [400]],
  ['a payload that is no JSON', () => badPayload('{'), [400]],
  ['an empty payload', () => badPayload(''), [400]],
  ['a payload with nothing in it', () => badPayload('{}'), [200]],
  ['a payload of odd types', () => badPayload('{"type":[],"actions":{"a":1},"user":"U1","team":7}'), [200]],
  ['an event without an event', () => asJson('{"type":"event_callback"}'), [200]],
  [
    'an event of odd types',
    () => asJson('{"type":"event_callback","event":[],"event_id":{},"authorizations":[null]}'),
    [200],
  ],
  ['an empty form', () => form(''), [200]],
  ['a form of separators', () => form('&&&===&'), [200]],
  ['XML', () => raw({ type: 'text/xml', body: '<a/>' }), [415]],
  ['multipart', () => raw({ type: 'multipart/form-data; boundary=x', body: '--x--' }), [415]],
  [
    'no content type',
    () => Buffer.from(raw().toString('latin1').replace('Content-Type: application/json\r\n', ''), 'latin1'),
    [415],
  ],
  ['two content types', () => raw({ more: ['Content-Type: application/x-www-form-urlencoded'] }), [415]],
  ['a body of 1 MiB exactly', () => asJson(`{"type":"x","pad":"${'p'.repeat(1024 * 1024 - 21)}"}`), [200]],
  ['a body one byte over 1 MiB', () => asJson('x'.repeat(1024 * 1024 + 1)), [413]],
  [
    'chunks over 1 MiB',
    () => raw({ length: ['Transfer-Encoding: chunked'], sent: chunked('x'.repeat(1024 * 1024 + 1)) }),
    [413],
  ],
];

const framing: readonly Row[] = [
  ['a chunked body', () => raw({ length: ['Transfer-Encoding: chunked'], sent: chunked(challenge) }), [200]],
  [
    'chunked and Content-Length',
    () => raw({ length: ['Transfer-Encoding: chunked', 'Content-Length: 5'], sent: chunked(challenge) }),
    [400],
  ],
  [
    'Content-Length and chunked',
    () => raw({ length: ['Content-Length: 5', 'Transfer-Encoding: chunked'], sent: chunked(challenge) }),
    [400],
  ],
  ['two lengths that differ', () => raw({ more: ['Content-Length: 5'] }), [400]],
  ['two lengths that agree', () => raw({ more: [`Content-Length: ${challenge.length}`] }), [400]],
  ['a negative length', () => raw({ length: ['Content-Length: -1'] }), [400]],
  ['a length with a sign', () => raw({ length: [`Content-Length: +${challenge.length}`] }), [400]],
  ['a length in hexadecimal', () => raw({ length: ['Content-Length: 0x2b'] }), [400]],
  ['an unknown transfer coding', () => raw({ length: ['Transfer-Encoding: gzip'] }), [400]],
  [
    'chunked, twice over',
    () => raw({ length: ['Transfer-Encoding: chunked, chunked'], sent: chunked(challenge) }),
    [400],
  ],
  ['a chunk size that is none', () => raw({ length: ['Transfer-Encoding: chunked'], sent: 'zz\r\n' }), [400]],
  [
    '64 KB of chunk extensions',
    () => raw({ length: ['Transfer-Encoding: chunked'], sent: `1;${'e'.repeat(65_536)}\r\n{\r\n0\r\n\r\n` }),
    [413],
  ],
  ['a header of 64 KB', () => raw({ more: [`X-Long: ${'h'.repeat(65_536)}`] }), [431]],
  ['5,000 headers', () => raw({ more: Array.from({ length: 5_000 }, (_, index) => `X-${index}: 1`) }), [431]],
  ['a path of 64 KB', () => at(`POST /${'p'.repeat(65_536)}`), [431]],
  ['a header without a colon', () => raw({ more: ['no colon here'] }), [400]],
  ['a blank before the colon', () => raw({ more: ['X-Blank : 1'] }), [400]],
  ['a header folded over two lines', () => raw({ more: ['X-Folded: a\r\n b'] }), [400]],
  ['a NUL in a header', () => raw({ more: ['X-Nul: a\0b'] }), [400]],
  ['a bare line feed in a header', () => raw({ more: ['X-Feed: a\nX-Smuggled: b'] }), [400]],
  ['no Host', () => raw({ host: [] }), [400]],
  ['two Hosts', () => raw({ host: ['Host: a.example.com', 'Host: b.example.com'] }), [400]],
  ['HTTP/2.0 in the request line', () => raw({ line: 'POST /webhooks/slack HTTP/2.0' }), [505]],
  ['HTTP/0.9', () => 'GET /webhooks/slack\r\n\r\n', [505]],
  ['no request line', () => '\r\n\r\nhello\r\n\r\n', [400]],
  ['a TLS handshake', () => Buffer.from('16030100a5010000a10303', 'hex'), [400]],
  ['an HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
  ['a lower-case method', () => at('post /webhooks/slack'), [400]],
  ['an unknown method', () => at('SLACK /webhooks/slack'), [400]],
  ['an expectation of 100', () => raw({ more: ['Expect: 100-continue'] }), [100, 200]],
  ['an unknown expectation', () => raw({ more: ['Expect: miracle'] }), [200]],
  ['HTTP/1.0 without a Host', () => raw({ line: 'POST /webhooks/slack HTTP/1.0', host: [] }), [200]],
  ['an upgrade to WebSocket', () => raw({ more: ['Connection: Upgrade', 'Upgrade: websocket'] }), [200]],
];

const paths: readonly Row[] = [
  ['GET', () => at('GET /webhooks/slack'), [405]],
  ['TRACE', () => at('TRACE /webhooks/slack'), [405]],
  ['CONNECT', () => at('CONNECT spacelift.example.com:443'), [404]],
  ['OPTIONS *', () => at('OPTIONS *'), [404]],
  ['a slash behind', () => at('POST /webhooks/slack/'), [404]],
  ['two slashes', () => at('POST //webhooks/slack'), [404]],
  ['another case', () => at('POST /Webhooks/Slack'), [404]],
  ['dots', () => at('POST /x/../webhooks/slack'), [404]],
  ['dots, encoded', () => at('POST /x/%2e%2e/webhooks/slack'), [404]],
  ['an encoded slash', () => at('POST /webhooks%2fslack'), [404]],
  ['an encoded letter', () => at('POST /webhooks/slac%6b'), [404]],
  ['a semicolon', () => at('POST /webhooks/slack;x=1'), [404]],
  ['a NUL, encoded', () => at('POST /webhooks/slack%00'), [404]],
  ['a backslash', () => at('POST \\webhooks\\slack'), [400]],
  ['a fragment', () => at('POST /webhooks/slack#x'), [404]],
  ['a query', () => at('POST /webhooks/slack?x=1'), [200]],
  ['the absolute form', () => at('POST http://spacelift.example.com/webhooks/slack'), [200]],
  ['the absolute form of another path', () => at('POST http://x/webhooks/slack/y'), [404]],
  ['the name of a property', () => at('POST /__proto__'), [404]],
];

const connections: readonly Row[] = [
  ['two requests in one write', () => Buffer.concat([raw({ keep: true }), raw()]), [200, 200]],
  [
    'fifty in one write',
    () => Buffer.concat([...Array.from({ length: 49 }, () => raw({ keep: true })), raw()]),
    Array.from({ length: 50 }, () => 200),
  ],
  [
    'a forged one between two good ones',
    () => Buffer.concat([raw({ keep: true }), raw({ keep: true, signature: [] }), raw()]),
    [200, 401, 200],
  ],
  [
    'an event and rubbish behind it',
    () =>
      Buffer.concat([raw({ keep: true, body: eventBody('EvPipelined') }), Buffer.from('rubbish\r\n\r\n')]),
    [200],
  ],
  [
    'an event and a request behind it whose body is malformed',
    () => [
      Buffer.concat([
        raw({ keep: true, body: eventBody('EvBeforeMalformed') }),
        raw({ length: ['Transfer-Encoding: chunked'], sent: 'zz\r\n' }),
      ]),
    ],
    [200],
  ],
  [
    'an event and a request to another path behind it whose body is malformed',
    () => [
      Buffer.concat([
        raw({ keep: true, body: eventBody('EvBeforeAnswered') }),
        raw({ line: 'POST /other HTTP/1.1', length: ['Transfer-Encoding: chunked'], sent: 'zz\r\n' }),
      ]),
    ],
    [200],
  ],
  [
    'an event and CONNECT behind it',
    () =>
      Buffer.concat([
        raw({ keep: true, body: eventBody('EvConnected') }),
        Buffer.from('CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'),
      ]),
    [200],
  ],
  [
    'a request hidden in a body that is too short',
    () => raw({ length: ['Content-Length: 0'], body: '', sent: 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' }),
    [400],
  ],
  [
    'a head in three pieces',
    () => {
      const whole = raw();
      return [whole.subarray(0, 10), 20, whole.subarray(10, 200), 20, whole.subarray(200)];
    },
    [200],
  ],
];

const table = [...verification, ...bodies, ...framing, ...paths, ...connections];

async function isServing(): Promise<void> {
  const response = await post(server.url, challenge);
  expect([response.status, await response.text()]).toEqual([200, '{"challenge":"c"}']);
}

it('has at least sixty rows', () => {
  expect(table.length).toBeGreaterThanOrEqual(60);
});

it.each(table)('%s', async (_name, steps, statuses) => {
  const bytes = steps();
  const sent = typeof bytes === 'string' || Buffer.isBuffer(bytes) ? [bytes] : bytes;
  expect(await exchangeRaw(server.port, sent as readonly Step[])).toEqual(statuses);
  await isServing();
});

it.each([
  ['before a byte', ''],
  ['in the head', 'POST /webhooks/slack HTTP/1.1\r\nHost: x\r\n'],
  ['in the body', raw({ length: ['Content-Length: 1000'] })],
  ['right behind a command', form(commandForm())],
  ['right behind an event', asJson(eventBody('EvAbandoned'))],
])('survives a client that leaves %s', async (_name, bytes) => {
  await abandonRaw(server.port, bytes);
  await isServing();
});

const tunnel = 'CONNECT spacelift.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n';

it('survives a client that sends CONNECT and resets the connection', async () => {
  const failures: unknown[] = [];
  const note = (error: unknown) => failures.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', note);
  onTestFinished(() => {
    process.off('uncaughtException', note);
    for (const listener of others) process.on('uncaughtException', listener);
  });
  for (let count = 0; count < 20; count++) {
    await abandonRaw(server.port, tunnel);
    await isServing();
  }
  expect(failures).toEqual([]);
  await isServing();
});

it('closes the connection of a client that sends CONNECT and keeps its own end open', async () => {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined).resume();
  socket.write(tunnel);
  await once(socket, 'end');
  // If the server has closed the connection, further data causes a reset.
  await expect
    .poll(() => {
      socket.write('x');
      return socket.destroyed;
    })
    .toBe(true);
});

it('disconnects slow clients, and serves others meanwhile', { timeout: 40_000 }, async () => {
  const drip = (text: string) => [...text].flatMap((character) => [character, 1000]);
  const slow: readonly (readonly [Step[], number[]])[] = [
    [[], [408]],
    [drip('POST /webhooks/slack HTTP/1.1\r\nHost: x'), [408]],
    [[raw({ length: ['Content-Length: 1000'], sent: '' }), ...drip('{"type":"url_ver')], [408]],
    [[raw({ length: ['Content-Length: 1000'], sent: '{' })], [408]],
    // Rejected because of its length, and disconnected when nothing follows.
    [[raw({ length: ['Content-Length: 1048577'], sent: '' })], [413]],
  ];
  const statuses = slow.map(([steps]) => exchangeRaw(server.port, steps));
  for (let round = 0; round < 5; round++) await isServing();
  expect(await Promise.all(statuses)).toEqual(slow.map(([, expected]) => expected));
  await isServing();
});
