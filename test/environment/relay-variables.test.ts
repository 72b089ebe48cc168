import { parse } from 'dotenv';
import { expect, it } from 'vitest';
import { maskedRelaySecrets, renderRelayFile } from '../../src/environment/relay-variables.ts';

it('writes an env file with what a relay in Socket Mode needs', () => {
  const text = renderRelayFile({ signingSecret: 'signing #1', appToken: 'xapp-1' });
  expect(parse(text)).toEqual({ SLACK_SECRET: 'signing #1', SLACK_APP_TOKEN: 'xapp-1' });
  expect(text).toMatch(/^SLACK_SECRET=.*\nSLACK_APP_TOKEN=xapp-1\n$/);
});

it('has a masked version for a terminal', () => {
  expect(parse(renderRelayFile(maskedRelaySecrets))).toEqual({
    SLACK_SECRET: '********',
    SLACK_APP_TOKEN: '********',
  });
});
