import { expect, it } from 'vitest';
import { finalResponseTo } from '../../../src/server/http/final-response.ts';

it.each([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'the request took too long to arrive'],
  ['HPE_HEADER_OVERFLOW', 431, 'the headers are too long'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'the chunk extensions are too long'],
  ['HPE_INVALID_EOF_STATE', 400, 'the client ended the connection within the request'],
  ['HPE_INVALID_METHOD', 400, 'not valid HTTP (HPE_INVALID_METHOD)'],
  ['HPE_PAUSED_H2_UPGRADE', 400, 'not valid HTTP (HPE_PAUSED_H2_UPGRADE)'],
  ['EPIPE', 400, 'the connection failed (EPIPE)'],
  [undefined, 400, 'the connection failed'],
])('responds to the client error %s with %i: %s', (code, status, cause) => {
  expect(finalResponseTo(code)).toMatchObject({ status, cause });
});
