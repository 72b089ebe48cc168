import type { CheckGroup } from './entry.ts';

export const socket = {
  group: 'socket',
  about:
    'These run with --socket-mode only. Slack then calls no URL: the domain, tls, endpoint and signature checks examine the Spacelift that the relay calls (--upstream), and a private address or CA is right there. Run them on the host of the relay. No WebSocket is opened, since Slack would deliver payloads to it.',
  checks: [
    {
      id: 'socket.token',
      title: 'SLACK_APP_TOKEN is an app-level token of this app',
      proves:
        'The variable is set, has the format of an app-level token (xapp-1-A…), and names the app of --app-id or SLACK_APP_ID if one is given.',
      causes: [
        'The variable is not set here: only the relay needs it.',
        'A bot token, the signing secret or the client secret was pasted.',
        'The token is of another app.',
      ],
      advice:
        'Generate a token under Basic Information > App-Level Tokens, with the scope connections:write.',
      run: ['spacelift-slack doctor --socket-mode --only socket'],
    },
    {
      id: 'socket.enabled',
      title: 'Slack gives this app a WebSocket URL',
      proves:
        'A call of apps.connections.open succeeds: the token is valid, it has the scope connections:write, and Socket Mode is on.',
      causes: [
        'invalid_auth: the token was revoked, or is incomplete.',
        'missing_scope: the token lacks connections:write.',
        'socket_mode_not_enabled: Socket Mode is off in the app.',
      ],
      advice: 'Turn Socket Mode on in the app, and use a token with the scope connections:write.',
      run: ['spacelift-slack app update --socket-mode', 'spacelift-slack explain not_allowed_token_type'],
    },
    {
      id: 'socket.reachable',
      title: 'the host of the WebSocket accepts connections from here',
      proves:
        'The host of that URL accepts a TLS connection, through HTTPS_PROXY if it is set, and responds to HTTP.',
      causes: [
        'A firewall allows slack.com, but not wss-primary.slack.com and wss-backup.slack.com.',
        'HTTPS_PROXY is missing, or the proxy rejects the host.',
        'A proxy replaces the certificate with its own.',
      ],
      advice: 'Allow wss-primary.slack.com and wss-backup.slack.com on port 443.',
      run: ['spacelift-slack doctor --socket-mode --only socket'],
    },
  ],
} as const satisfies CheckGroup;
