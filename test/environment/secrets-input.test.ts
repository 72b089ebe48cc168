import { describe, expect, it } from 'vitest';
import { parseSecrets } from '../../src/environment/secrets-input.ts';

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
