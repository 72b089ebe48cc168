import type { ErrorWord } from './entry.ts';

/** What a person reads in Slack after a command or a click. */
export const commandWords: readonly ErrorWord[] = [
  {
    word: 'dispatch_failed',
    shown: '/spacelift failed with the error "dispatch_failed"',
    meaning:
      'Slack could not hand the command or the click over: it did not reach the webhook, or got no usable answer.',
    causes: [
      'Spacelift is not reachable from the internet: an internal load balancer, a private DNS name, a firewall',
      'the URL in the app is not https://<domain>/webhooks/slack, to the letter and the case',
      'Spacelift does not have the three variables, or was not restarted since they were set',
      'SLACK_SECRET is not the signing secret, so the request is refused',
      'Socket Mode is on in the app, so Slack sends nothing over HTTP',
    ],
    advice: 'Run doctor from outside your network, then compare the app with what this domain needs.',
    run: ['spacelift-slack doctor', 'spacelift-slack app diff'],
    source: 'reports',
  },
  {
    word: 'operation_timeout',
    alias: ['timeout-was-reached'],
    shown: '/spacelift failed with the error "operation_timeout"',
    meaning:
      'The webhook did not answer within 3 seconds. The command may have been carried out all the same: look before you repeat it.',
    causes: [
      'the server was just started, is overloaded, or waits for its database',
      'a firewall drops Slack’s packets instead of refusing them',
      'a proxy in front holds the request back, or a relay waits too long for its upstream',
    ],
    advice: 'Measure the answer from outside; it must come well within 3 seconds.',
    run: [
      'spacelift-slack doctor --only webhook.reachable,webhook.latency',
      'spacelift-slack trigger url-verification --url https://spacelift.example.com/webhooks/slack',
    ],
    source: 'slash-commands',
  },
  {
    word: 'http_client_error',
    alias: ['400_client_error', '401_client_error', '403_client_error', '404_client_error'],
    shown: '/spacelift failed with the error "http_client_error"',
    meaning:
      'The webhook answered with a status from 400 to 499: it was reached, and it refused the request.',
    causes: [
      '401 or 403: SLACK_SECRET is not this app’s signing secret, or the server’s clock is more than 5 minutes off',
      '404: the path is not /webhooks/slack, or Slack is not enabled in Spacelift yet',
      '403: a firewall for web applications or a login proxy stands in front',
      '400 or 415: a proxy changes the form body or its content type',
    ],
    advice: 'Let doctor tell the status and the signature apart.',
    run: ['spacelift-slack doctor --only endpoint,signature'],
    source: 'reports',
  },
  {
    word: 'http_service_error',
    alias: ['500_service_error', '502_service_error', '503_service_error', '504_service_error'],
    shown: '/spacelift failed with the error "http_service_error"',
    meaning: 'The webhook answered with a status from 500 to 599: something behind it is broken.',
    causes: [
      '502 or 503: the load balancer has no healthy Spacelift server behind it',
      '504: the load balancer gave up waiting for the server',
      '500: the server failed on the request; its log says why',
    ],
    advice: 'Read the log of the Spacelift server, and of the proxy in front of it, at that moment.',
    run: ['spacelift-slack doctor --only webhook.reachable'],
    source: 'reports',
  },
  {
    word: 'ssl_cacert',
    shown: '/spacelift failed with the error "ssl_cacert"',
    meaning:
      'Slack does not trust the certificate of the webhook’s host. Browsers often do: they fetch or remember what is missing.',
    causes: [
      'the intermediate certificate is not sent along',
      'the certificate is from a private CA, or self-signed',
      'the certificate has expired, or is for another host',
    ],
    advice: 'Serve the full chain of a publicly trusted certificate.',
    run: ['spacelift-slack doctor --only tls'],
    source: 'reports',
  },
  {
    word: 'not-a-valid-command',
    shown: '/spacelift is not a valid command.',
    meaning: 'No app in this workspace has registered the command.',
    causes: [
      'the app is not installed in this workspace, or was uninstalled',
      'the command was added to the app after it was installed',
      'the command is named otherwise in the app’s manifest',
    ],
    advice: 'Install the app in this workspace, again where its manifest has changed.',
    run: ['spacelift-slack app diff'],
    source: 'reports',
  },
  {
    word: 'app_missing_action_url',
    meaning: 'The app has no URL for interactivity, so buttons and dialogs lead nowhere.',
    causes: [
      'interactivity is switched off in the app',
      'the app was made by hand, and the third of its URLs was left out',
    ],
    advice: 'Switch interactivity on, with the webhook’s URL; the documented manifest does.',
    run: ['spacelift-slack app diff', 'spacelift-slack app update'],
    source: 'reports',
  },
];
