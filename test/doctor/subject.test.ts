import { describe, expect, it } from 'vitest';
import { openSubject, type SubjectOptions } from '../../src/doctor/subject.ts';
import type { PartialCredentials } from '../../src/environment/credentials.ts';
import { domain, host, secret } from './given.ts';

const good = {
  clientId: '2833563543.1341693891393',
  clientSecret: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  signingSecret: secret,
};

const open = (
  credentials: PartialCredentials,
  changes: Partial<SubjectOptions> = {},
  signal = new AbortController().signal,
) =>
  openSubject(
    {
      runs: new Set(),
      connectionReporter: undefined,
      target: { domain: domain(host), webhookDomain: domain(host) },
      credentials,
      sources: {},
      shadowed: {},
      lookAlikes: [],
      envFile: undefined,
      app: { id: 'A0123456789', configToken: 'xoxe.xoxp-1-config-token' },
      socketMode: false,
      now: () => 0,
      connectTo: [],
      dnsServer: undefined,
      extraRoots: [],
      slackUrl: 'https://slack.com',
      appToken: 'xapp-1-app-token',
      env: { HTTPS_PROXY: 'http://proxy.example.com' },
      ...changes,
    },
    signal,
  );

describe('openSubject', () => {
  it('has every value that may be tried', () => {
    expect(open(good)).toMatchObject({ usable: good, mistakes: {} });
    expect(open({ signingSecret: secret }).usable).toStrictEqual({ signingSecret: secret });
    for (const signingSecret of ['an unusual shape', 'short', 'Gd7a3kX0pQ2mN8vB5cZ1tR4w']) {
      expect(open({ ...good, signingSecret }).usable).toEqual({ ...good, signingSecret });
    }
  });

  it('has no value that is certainly something else', () => {
    const { usable, mistakes } = open({ ...good, signingSecret: 'xoxb-1-2-abc' });
    expect(usable).toEqual({ clientId: good.clientId, clientSecret: good.clientSecret });
    expect(mistakes).toEqual({
      signingSecret: expect.objectContaining({
        message: 'SLACK_SECRET looks like a bot or user token (xox)',
      }),
    });
  });

  it('takes neither secret if both are the same, and keeps what is known about each', () => {
    const { usable, mistakes } = open({ ...good, signingSecret: good.clientSecret });
    expect(usable).toEqual({ clientId: good.clientId });
    expect(Object.keys(mistakes)).toEqual(['clientSecret', 'signingSecret']);
    const both = open({ ...good, clientSecret: 'xoxb-1', signingSecret: 'xoxb-1' });
    expect(both.mistakes.clientSecret?.message).toMatch(/^SLACK_APP_CLIENT_SECRET looks like/);
  });

  it('redacts every secret that it is given', () => {
    const { redactor } = open(good);
    const values = [good.clientSecret, secret, 'xoxe.xoxp-1-config-token', 'xapp-1-app-token'];
    expect(redactor.redact(values.join(' '))).toBe(values.map(() => '[redacted]').join(' '));
    expect(redactor.redact(good.clientId)).toBe(good.clientId);
  });

  it('asks Slack for a WebSocket URL once, and for nothing when the run is over', async () => {
    const { socket, slack } = open(good, {}, AbortSignal.abort(new Error('the run is over')));
    expect(socket).toMatchObject({
      token: 'xapp-1-app-token',
      appId: 'A0123456789',
      env: { HTTPS_PROXY: 'http://proxy.example.com' },
    });
    const url = socket.getUrl();
    expect(socket.getUrl()).toBe(url);
    await expect(url).rejects.toThrow('the run is over');
    await expect(slack.call('api.test', {})).rejects.toThrow('the run is over');
    expect(slack.url).toBe('https://slack.com');
  });

  it('sends nothing to a deployment without a domain', () => {
    const without = open(good, { target: undefined });
    expect(without).toMatchObject({ usable: good, target: undefined });
    expect(without).not.toHaveProperty('probe');
    expect(open(good)).toHaveProperty('probe');
  });
});
