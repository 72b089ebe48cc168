import { expect, it } from 'vitest';
import { findPlaceholder } from '../../../src/manifest/rules/placeholder.ts';

it.each([
  ['BASE_URL', 'BASE_URL'],
  ['BASE_URL/slack', 'BASE_URL'],
  ['<url>', '<url>'],
  ['https://x.example.com/{a}/<b>', '<b>'],
  ['https://{host}:3000/{path}', '{host}'],
  ['https://MY_APP/slack', 'MY_APP'],
  ['https://your-app/slack', 'your-app'],
])('%s is certain to have a placeholder: %s', (url, text) => {
  expect(findPlaceholder(url)).toEqual({ text, certain: true });
});

it.each([
  ['https://MY_APP.example.com/', 'MY_APP'],
  ['https://MY_OWN_APP.example.com/', 'MY_OWN_APP'],
  ['https://slack.MY-APP.example.com:3000/', 'MY-APP'],
  ['https://app-your-company.example.com/', 'your-company'],
  ['https://slack.your_server.example.com/', 'your_server'],
  ['https://your-new-shiny-app.example.com/', 'your-new-shiny-app'],
  ['https://yourdomain-1.example.com/', 'yourdomain'],
  ['https://your-ngrok2.example.com/', 'your-ngrok2'],
  ['https://your-ngrok.example.com/', 'your-ngrok'],
  ['https://xxx.example.com/', 'xxx'],
  ['https://xxxxxxxx.example.com/', 'xxxxxxxx'],
  ['https://replaceme.example.com/', 'replaceme'],
  ['https://replace_me.example.com/', 'replace_me'],
  ['https://a.placeholder/', 'placeholder'],
  ['https://x.example.com/{a}/{b}', '{a}'],
  ['https://x.example.com/__hook__', '__hook__'],
])('%s may have a placeholder: %s', (url, text) => {
  expect(findPlaceholder(url)).toEqual({ text, certain: false });
});

it.each([
  '',
  'AB/slack',
  'https://yourself.example.com/',
  'https://your.example.com/',
  'https://my_your-app.example.com/',
  'https://your-app2.example.com/',
  'https://xx.example.com/',
  'https://unchangeme.example.com/',
  'https://changemes.example.com/',
  'https://API.example.com/',
  'https://x.example.com/?to=https://your-app.example.com/',
  'https://x.example.com/YOUR_APP',
  '/?to=https://your-app.example.com/',
  'https://x.example.com/?ids=[1]',
  'https://x.example.com/%AB%CD%EF',
  'https://[2001:db8::1]/',
])('%j has none', (url) => {
  expect(findPlaceholder(url)).toBeUndefined();
});

it('is looked for in the longest URL that Slack allows, and not in a longer one', () => {
  const longest = `<${'x'.repeat(3_498)}>`;
  expect(findPlaceholder(longest)).toEqual({ text: longest, certain: true });
  expect(findPlaceholder(`${longest}/`)).toBeUndefined();
});
