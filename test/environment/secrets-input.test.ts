import { describe, expect, it } from 'vitest';
import { parseSecrets, withSecrets } from '../../src/environment/secrets-input.ts';
import { noSettings } from '../../src/environment/settings.ts';

const values = { SLACK_APP_CLIENT_ID: '1.2', SLACK_APP_CLIENT_SECRET: 'b', SLACK_SECRET: 'c' };
const credentials = { client_id: '1.2', client_secret: 'b', verification_token: 'v', signing_secret: 'c' };

describe('parseSecrets', () => {
  it.each([
    ['dotenv', 'SLACK_APP_CLIENT_ID=1.2\nexport SLACK_APP_CLIENT_SECRET="b" # x\r\nSLACK_SECRET=c'],
    ['JSON', JSON.stringify(values)],
    ["Slack's credentials", JSON.stringify(credentials)],
    [
      "Slack's answer to apps.manifest.create",
      `\n${JSON.stringify({ ok: true, app_id: 'A1', credentials, oauth_authorize_url: 'https://slack.com' }, null, 2)}`,
    ],
  ])('reads %s', async (_name, text) => {
    expect(await parseSecrets(text, ['SLACK_SECRET'])).toMatchObject(values);
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \n'],
    ['JSON that is cut off', '{"SLACK_SECRET":"hush"'],
    ['a refusal', '{"ok":false,"error":"invalid_auth"}'],
    ['a number for the client ID, which would lose digits', '{"client_id":2833563543.1341693891393}'],
    ['an object for a secret', '{"SLACK_SECRET":{"hush":1}}'],
  ])('rejects %s, and shows nothing of it', async (_name, text) => {
    const failure = await parseSecrets(text, ['SLACK_SECRET']).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'secrets-unreadable', exitCode: 2 });
    expect(failure).not.toHaveProperty('cause');
    expect(String(failure)).not.toMatch(/hush|2833563543/);
  });
});

it.each([
  ['', 'is empty'],
  [' \n', 'is empty'],
  ['A=1', 'has no value for SLACK_SECRET, SLACK_APP_TOKEN'],
  ['SLACK_SECRET=', 'has no value for SLACK_SECRET, SLACK_APP_TOKEN'],
  ['{"SLACK_SECRET":""}', 'has no value for SLACK_SECRET, SLACK_APP_TOKEN'],
  ['{"a":1,"credentials":[]}', 'has no value for SLACK_SECRET, SLACK_APP_TOKEN'],
  ['{"SLACK_SECRET":', 'is not valid JSON'],
  ['{"ok":false,"error":"invalid_auth"}', 'is an error response of Slack (invalid_auth)'],
  ['{"SLACK_SECRET":7}', 'has a value for SLACK_SECRET that is not a string'],
  ['{"signing_secret":null}', 'has a value for SLACK_SECRET that is not a string'],
])('says what is wrong with %j', async (text, problem) => {
  await expect(parseSecrets(text, ['SLACK_SECRET', 'SLACK_APP_TOKEN'])).rejects.toMatchObject({
    message: `standard input ${problem}`,
    hint: expect.stringMatching(
      /^Pipe dotenv lines .*SLACK_APP_CLIENT_ID, SLACK_APP_CLIENT_SECRET, SLACK_SECRET/,
    ),
  });
});

it.each([
  ['SLACK_APP_TOKEN=x', { SLACK_APP_TOKEN: 'x' }],
  ['{"SLACK_APP_TOKEN":"x","other":7}', { SLACK_APP_TOKEN: 'x' }],
  ['{"ok":true,"error":"ignored","SLACK_APP_TOKEN":"x"}', { SLACK_APP_TOKEN: 'x' }],
  ['{"ok":false,"SLACK_APP_TOKEN":"x"}', { SLACK_APP_TOKEN: 'x' }],
])('needs one of the values that are wanted: %j', async (text, values) => {
  expect(await parseSecrets(text, ['SLACK_SECRET', 'SLACK_APP_TOKEN'])).toMatchObject(values);
});

it('puts the values of standard input before all others', () => {
  const environment = { ...noSettings, get: () => ({ value: 'set', source: 'environment' }) };
  const { get } = withSecrets({ SLACK_SECRET: 'piped', SLACK_APP_ID: 'set' }, environment);
  expect(get('SLACK_SECRET')).toEqual({ value: 'piped', source: 'standard input', overrides: 'environment' });
  expect(get('SLACK_APP_ID')).toEqual({ value: 'set', source: 'standard input' });
  expect(get('SLACK_APP_TOKEN')).toEqual({ value: 'set', source: 'environment' });
  expect(withSecrets({}, noSettings).get('SLACK_SECRET')).toBeUndefined();
});
