import { describe, expect, it, onTestFinished } from 'vitest';
import { createScene, examineAt, host } from '../support/examination.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { httpsServer } from '../support/tls-server.ts';

interface Seen {
  readonly agent: string | undefined;
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly type: string | undefined;
  readonly signed: boolean;
  readonly body: string;
}

describe('doctor', () => {
  it.each([
    ['a healthy endpoint', undefined, 15],
    // Then it finds out why.
    ['one with another secret', 'another secret altogether', 60],
    ['one that accepts everything', 'lenient', 15],
  ])('sends %s nothing that a server could act on, and little of it', async (_, fault, most) => {
    const scene = await createScene(onTestFinished);
    const seen: Seen[] = [];
    const endpoint = slackEndpoint({
      signingSecret: fault ?? scene.signingSecret,
      lenient: () => fault === 'lenient',
      record: ({ method, url, headers }, body) => {
        const signed = headers['x-slack-signature'] !== undefined;
        const type = headers['content-type'];
        seen.push({ agent: headers['user-agent'], method, url, type, signed, body: body.toString('utf8') });
      },
    });
    const port = await httpsServer(await scene.authority.issue({ names: [host] }), endpoint);

    await examineAt(scene, port);

    expect(seen.length).toBeGreaterThan(5);
    expect(seen.length).toBeLessThanOrEqual(most);
    for (const { method, url, type, signed, body } of seen) {
      if (method === 'GET') {
        expect({ url, signed, body }).toEqual({ url: '/slack_oauth', signed: false, body: '' });
        continue;
      }
      expect(method).toBe('POST');
      if (url !== '/webhooks/slack') {
        expect({ url, signed }).toEqual({
          url: expect.stringMatching(/^\/webhooks\/[0-9a-f]{16}$/),
          signed: false,
        });
      }
      if (type === 'application/json') {
        const parsed = JSON.parse(body);
        expect(Object.keys(parsed).filter((key) => key !== 'ignored')).toEqual([
          'token',
          'challenge',
          'type',
        ]);
        expect(parsed.type).toBe('url_verification');
      } else {
        expect(type).toBe('application/x-www-form-urlencoded');
        expect([...new URLSearchParams(body).keys()]).toEqual(['spacelift_slack_doctor', 'nonce', 'empty']);
      }
      for (const secret of [scene.signingSecret, scene.clientSecret]) expect(body).not.toContain(secret);
    }
    const agents = new Set(seen.filter(({ signed }) => signed).map(({ agent }) => agent));
    expect([...agents]).toEqual(['Slackbot 1.0 (+https://api.slack.com/robots)']);
    const challenges = seen.filter(({ type }) => type === 'application/json').map(({ body }) => body);
    expect(new Set(challenges).size).toBe(challenges.length);
  });
});
