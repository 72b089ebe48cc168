import { expect, it } from 'vitest';
import { isSlacksOwn, parseSlackUrl } from '../../../src/slack/api/slack-url.ts';

it.each([
  ['https://slack.com', true],
  ['https://slack-gov.com', true],
  ['https://slack.example.com', false],
  ['http://slack.com', false],
])('%s belongs to Slack: %s', (origin, own) => {
  expect(isSlacksOwn(origin)).toBe(own);
});

it.each([
  ['https://slack.com', 'https://slack.com'],
  ['https://slack.com/', 'https://slack.com'],
  ['https://slack.com/api', 'https://slack.com'],
  ['https://slack.com/api/', 'https://slack.com'],
  ['https://proxy.example.com/slack/api/', 'https://proxy.example.com/slack'],
  ['https://proxy.example.com/slack', 'https://proxy.example.com/slack'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['http://127.10.200.30:3000', 'http://127.10.200.30:3000'],
  ['http://[::1]:3000/api/', 'http://[::1]:3000'],
])('reads the URL %s as %s', (text, url) => {
  expect(parseSlackUrl(text)).toBe(url);
});

it.each([
  '',
  'slack.com',
  'http://slack.com',
  'http://localhost.example.com',
  'http://mylocalhost',
  'http://127.0.0.1.example.com',
  'ftp://localhost',
  'https://user@slack.com',
  'https://:pass@slack.com',
  'https://slack.com?a=1',
  'https://slack.com#a',
])('rejects the URL %j, to which tokens must not be sent', (text) => {
  expect(() => parseSlackUrl(text, 'SLACK_API_URL')).toThrow(
    expect.objectContaining({
      code: 'slack-api-url-invalid',
      message: 'SLACK_API_URL is not the https URL of a Slack',
      hint: 'Pass https://slack.com, or https://slack-gov.com for GovSlack.',
      exitCode: 2,
    }),
  );
});

it('names the option where the URL has no other origin', () => {
  expect(() => parseSlackUrl('slack.com')).toThrow('--slack-api-url is not the https URL of a Slack');
});
