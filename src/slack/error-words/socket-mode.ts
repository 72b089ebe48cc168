import type { ErrorWord } from './entry.ts';

/** What Slack reports on connections in Socket Mode. */
export const socketModeWords: readonly ErrorWord[] = [
  {
    word: 'too_many_websockets',
    meaning: 'The app has all of the 10 connections that Slack allows it, so it gets no further one.',
    causes: [
      'The app-level token is in use elsewhere: an old process, another replica, a laptop.',
      'Processes ended without closing their connections, and Slack has not noticed yet.',
      'The replicas together open more than 10 connections.',
    ],
    advice:
      'Stop the other processes that use the token, or replace the token on the app page; then wait a minute.',
    run: [],
    source: 'socket-mode',
  },
  {
    word: 'forbidden_team',
    meaning: 'Slack does not let this workspace use Socket Mode, so it opens no connection.',
    causes: [
      'The workspace, or the organisation that it belongs to, does not allow Socket Mode for this app.',
    ],
    advice:
      'Ask an administrator of the organisation. Otherwise use the request URLs: a path rule or a relay on a public host.',
    run: ['spacelift-slack app update'],
    source: 'socket-mode',
  },
  {
    word: 'link_disabled',
    shown: ['{"type":"disconnect","reason":"link_disabled"}'],
    meaning: 'Socket Mode was turned off in the app, so Slack closed the connection.',
    causes: [
      'Someone turned Socket Mode off in the app settings.',
      'A manifest with socket_mode_enabled: false was applied to the app.',
    ],
    advice:
      'Turn Socket Mode on in the app settings if the app is meant to use it; otherwise use the request URLs.',
    run: ['spacelift-slack app export'],
    source: 'socket-mode',
  },
];
