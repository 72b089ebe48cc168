import { describe, expect, it, onTestFinished } from 'vitest';
import { createScene, examineAt, host } from '../support/examination.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { httpsServer } from '../support/tls-server.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly type: string | undefined;
  readonly signed: boolean;
  readonly body: string;
}

describe('what the doctor sends', () => {
  it.each([
    ['a healthy endpoint', undefined],
    ['one with another secret', 'another secret altogether'],
    ['one that accepts everything', 'lenient'],
  ])('to %s is nothing that a server could act on', async (_, fault) => {
    const scene = await createScene(onTestFinished);
    const seen: Seen[] = [];
    const endpoint = slackEndpoint({
      signingSecret: fault ?? scene.signingSecret,
      lenient: () => fault === 'lenient',
      record: ({ method, url, headers }, body) => {
        const signed = headers['x-slack-signature'] !== undefined;
        seen.push({ method, url, type: headers['content-type'], signed, body: body.toString('utf8') });
      },
    });
    const port = await httpsServer(await scene.authority.issue({ names: [host] }), endpoint);

    await examineAt(scene, port);

    expect(seen.length).toBeGreaterThan(5);
    expect(seen.length).toBeLessThan(25);
    for (const { method, url, type, signed, body } of seen) {
      if (method === 'GET') {
        expect({ url, signed, body }).toEqual({ url: '/slack_oauth', signed: false, body: '' });
        continue;
      }
      expect({ method, url }).toEqual({ method: 'POST', url: '/webhooks/slack' });
      if (type === 'application/json') {
        const parsed = JSON.parse(body);
        expect(Object.keys(parsed)).toEqual(['token', 'challenge', 'type']);
        expect(parsed.type).toBe('url_verification');
      } else {
        expect(type).toBe('application/x-www-form-urlencoded');
        expect([...new URLSearchParams(body).keys()]).toEqual(['spacelift_slack_doctor', 'nonce', 'empty']);
      }
      for (const secret of [scene.signingSecret, scene.clientSecret]) expect(body).not.toContain(secret);
    }
    const challenges = seen.filter(({ type }) => type === 'application/json').map(({ body }) => body);
    expect(new Set(challenges).size).toBe(challenges.length);
  });
});
