import { describe, expect, it } from 'vitest';
import { backoff } from '../../../src/server/relay/backoff.ts';
import { judge } from '../../../src/server/relay/judge.ts';
import type { UpstreamFailure, UpstreamResponse } from '../../../src/server/relay/upstream.ts';

const fresh = { attempts: 0, rejections: 0 };

function response(status: number, headers: UpstreamResponse['headers'] = {}): UpstreamResponse {
  return { kind: 'response', status, headers, body: Buffer.alloc(0) };
}

function failure(reason: UpstreamFailure['reason']): UpstreamFailure {
  return { kind: 'failure', reason, detail: `the detail of ${reason}` };
}

describe('the response to an event', () => {
  it.each([200, 201, 204, 299])('delivers it with %i, after any number of rejections', (status) => {
    for (const rejections of [0, 9, 100]) {
      expect(judge(response(status), { attempts: 5, rejections }, 0, 0.5)).toEqual({ kind: 'delivered' });
    }
  });

  it('does not deliver it if it is an HTML page, such as a login page', () => {
    const html = { 'content-type': 'text/html; charset=utf-8' };
    const page = { ...response(200, html), body: Buffer.from('<title>Sign in</title>') };
    expect(judge(page, { attempts: 50, rejections: 9 }, 0, 0.5)).toMatchObject({
      kind: 'retry',
      rejected: false,
    });
  });

  it.each([400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 426, 428, 431, 451, 499])(
    'rejects it with %i, and sets it aside at the tenth rejection',
    (status) => {
      for (const rejections of [0, 1, 8]) {
        expect(judge(response(status), { attempts: rejections, rejections }, 0, 0.5)).toMatchObject({
          kind: 'retry',
          rejected: true,
          failure: expect.stringContaining(String(status)),
        });
      }
      expect(judge(response(status), { attempts: 9, rejections: 9 }, 0, 0.5)).toEqual({
        kind: 'set-aside',
        failure: expect.stringContaining(String(status)),
      });
    },
  );

  it.each([300, 302, 304, 307, 308, 399, 408, 425, 429, 500, 501, 502, 503, 504, 599])(
    'says nothing against it with %i, however often',
    (status) => {
      for (const rejections of [0, 9, 100]) {
        expect(judge(response(status), { attempts: 500, rejections }, 0, 0.5)).toMatchObject({
          kind: 'retry',
          rejected: false,
          failure: expect.stringContaining(String(status)),
        });
      }
    },
  );

  it.each(['unreachable', 'late', 'incomplete'] as const)(
    'is retried without a rejection if the upstream is %s',
    (reason) => {
      expect(judge(failure(reason), { attempts: 500, rejections: 9 }, 0, 0.5)).toMatchObject({
        kind: 'retry',
        rejected: false,
        failure: `the detail of ${reason}`,
      });
    },
  );

  it('is no attempt while the circuit is open, and is due when the circuit lets a request through', () => {
    expect(judge(failure('circuit-open'), { attempts: 3, rejections: 9 }, 1_234.5, 0.5)).toEqual({
      kind: 'not-attempted',
      afterMs: 1_235,
    });
  });

  it.each([0, 1, 7, 30])(
    'waits after %i earlier attempts as long as the backoff of the next one',
    (attempts) => {
      for (const random of [0, 0.5, 0.999]) {
        expect(judge(response(503), { ...fresh, attempts }, 0, random)).toMatchObject({
          afterMs: backoff(attempts + 1, random),
        });
      }
    },
  );
});
