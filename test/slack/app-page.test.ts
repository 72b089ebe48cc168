import { expect, it } from 'vitest';
import { appList, appPage } from '../../src/slack/app-page.ts';

it.each([
  ['https://slack.com', 'https://api.slack.com/apps'],
  ['https://slack-gov.com', 'https://api.slack-gov.com/apps'],
  ['http://127.0.0.1:1', 'https://api.slack.com/apps'],
])('the apps of %s are at %s', (url, list) => {
  expect(appList(url)).toBe(list);
  expect(appPage(url, 'A1')).toBe(`${list}/A1`);
  expect(appPage(url, 'A1', '/event-subscriptions')).toBe(`${list}/A1/event-subscriptions`);
});
