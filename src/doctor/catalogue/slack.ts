import type { CheckGroup } from './entry.ts';

export const slack = {
  group: 'slack',
  about: 'These call the Web API of Slack, through HTTPS_PROXY if it is set. Nothing is changed there.',
  checks: [
    {
      id: 'slack.reachable',
      title: 'the Web API of Slack can be reached from here',
      proves:
        'A call of api.test succeeds. The server and the drain of Spacelift must reach the API too: run doctor where they run, with the same proxy variables.',
      causes: [
        'Outgoing connections are blocked, or need a proxy (HTTPS_PROXY).',
        'DNS does not work on this machine.',
        'Slack is down: see https://slack-status.com.',
      ],
      advice: 'Allow HTTPS to slack.com, or set HTTPS_PROXY.',
      run: ['spacelift-slack doctor --only slack.reachable'],
    },
    {
      id: 'slack.credentials',
      title: 'the Client ID and the Client Secret belong together',
      proves:
        'Slack accepts the pair: the exchange of a code that does not exist fails with invalid_code. Another response is a warning, since it proves nothing.',
      causes: [
        'bad_client_secret: the Client Secret is of another app, or it is the Signing Secret.',
        'invalid_client_id: there is no such app, or it lives in GovSlack.',
      ],
      advice:
        'Copy both from Basic Information of the same app. For GovSlack, pass --slack-api-url https://slack-gov.com.',
      run: ['spacelift-slack doctor --only env,slack.credentials'],
    },
    {
      id: 'slack.app-drift',
      title: 'the app has the manifest that this domain needs',
      proves:
        'The manifest of the app has every scope, event, command and URL that this domain needs. It requires SLACK_CONFIG_TOKEN and --app-id, and is skipped without them. What the app has beyond that, and differences that break nothing, only warn.',
      causes: [
        'A scope, an event, the command or a URL is missing or different.',
        'Socket Mode is on: Slack then calls no URL.',
        'Token rotation is on, which Spacelift does not support.',
        'The configuration token has expired: it lives for twelve hours.',
      ],
      advice: 'Look at all differences, then update the app.',
      run: ['spacelift-slack app diff', 'spacelift-slack app update'],
    },
  ],
} as const satisfies CheckGroup;
