import type { ErrorWord } from './entry.ts';

/** What a person reads in Slack after a command or a click. */
export const commandWords: readonly ErrorWord[] = [
  {
    word: 'dispatch_failed',
    shown: ['/spacelift failed with the error "dispatch_failed"'],
    meaning:
      'Slack could not deliver the command or the click: it did not reach the webhook, or the response was unusable.',
    causes: [
      'Spacelift is not reachable from the internet: an internal load balancer, a private DNS name, a firewall.',
      'The URL in the app is not exactly https://<domain>/webhooks/slack; upper and lower case differ.',
      'Spacelift does not have the three variables, or was not restarted after they were set.',
      'SLACK_SECRET is not the signing secret, so Spacelift rejects the request.',
      'Socket Mode is on in the app, so Slack sends nothing over HTTP.',
    ],
    advice: 'Run doctor from outside your network, then compare the app with what this domain needs.',
    run: ['spacelift-slack doctor', 'spacelift-slack app diff'],
    source: 'reports',
  },
  {
    word: 'operation_timeout',
    alias: ['timeout-was-reached', 'app-did-not-respond'],
    shown: [
      '/spacelift failed with the error "operation_timeout"',
      '/spacelift failed because the app did not respond. Please try again or contact the app developer.',
    ],
    meaning:
      'The webhook did not respond within 3 seconds. The command may have been carried out, so check before you repeat it.',
    causes: [
      'The server has just started, is overloaded, or waits for its database.',
      'A firewall discards packets from Slack without a response.',
      'A proxy in front delays the request, or a relay waits too long for its upstream.',
      'The host in the URL does not respond at all; the newer sentence covers that too.',
    ],
    advice: 'Measure the response time from outside: it must stay well below 3 seconds.',
    run: [
      'spacelift-slack doctor --only webhook.reachable,webhook.latency',
      'spacelift-slack trigger url-verification --url https://spacelift.example.com/webhooks/slack',
    ],
    source: 'slash-commands',
  },
  {
    word: 'app-responded-with-status',
    shown: ['This app responded with status code 500'],
    meaning:
      'Someone clicked a button, and the webhook responded with this status instead of 200. The click had no effect that Slack knows of.',
    causes: [
      "401 or 403: SLACK_SECRET is not this app's signing secret, or a firewall or login proxy responds in Spacelift's place.",
      '404: the interactivity URL of the app has another path than /webhooks/slack, or Slack is not enabled in Spacelift.',
      '502, 503 or 504: the load balancer has no healthy Spacelift server behind it.',
      '500: the server failed on the request; see its log.',
    ],
    advice: 'Find the status in the log of the proxy or of Spacelift, or run doctor, which names the cause.',
    run: ['spacelift-slack doctor --only endpoint,signature', 'spacelift-slack app diff'],
    source: 'reports',
  },
  {
    word: 'http_client_error',
    alias: ['400_client_error', '401_client_error', '403_client_error', '404_client_error'],
    shown: ['/spacelift failed with the error "http_client_error"'],
    meaning: 'The webhook responded with a status from 400 to 499: the request arrived and was rejected.',
    causes: [
      "401 or 403: SLACK_SECRET is not this app's signing secret, or the server's clock is off by more than 5 minutes.",
      '404: the path is not /webhooks/slack, or Slack is not enabled in Spacelift yet.',
      '403: a web application firewall or a login proxy is in front.',
      '400 or 415: a proxy changes the form body or its content type.',
    ],
    advice: 'Run doctor, which names the status and tests the signature.',
    run: ['spacelift-slack doctor --only endpoint,signature'],
    source: 'reports',
  },
  {
    word: 'http_service_error',
    alias: ['500_service_error', '502_service_error', '503_service_error', '504_service_error'],
    shown: ['/spacelift failed with the error "http_service_error"'],
    meaning: 'The webhook responded with a status from 500 to 599: something behind it is broken.',
    causes: [
      '502 or 503: the load balancer has no healthy Spacelift server behind it.',
      '504: the load balancer stopped waiting for the server.',
      '500: the server failed on the request; see its log.',
    ],
    advice: 'Read the logs of the Spacelift server and of the proxy in front of it at that moment.',
    run: ['spacelift-slack doctor --only webhook.reachable'],
    source: 'reports',
  },
  {
    word: 'ssl_cacert',
    shown: ['/spacelift failed with the error "ssl_cacert"'],
    meaning:
      "Slack does not trust the certificate of the webhook's host. Browsers often do, because they fetch or cache what is missing.",
    causes: [
      'The server does not send the intermediate certificate.',
      'The certificate is from a private CA, or self-signed.',
      'The certificate has expired, or is for another host.',
    ],
    advice: 'Serve the full chain of a publicly trusted certificate.',
    run: ['spacelift-slack doctor --only tls'],
    source: 'reports',
  },
  {
    word: 'not-a-valid-command',
    shown: ['/spacelift is not a valid command.'],
    meaning: 'No app in this workspace has registered the command.',
    causes: [
      'The app is not installed in this workspace, or was uninstalled.',
      'The command was added to the app after it was installed.',
      "The command has another name in the app's manifest.",
    ],
    advice: 'Install the app in this workspace; reinstall it if its manifest has changed.',
    run: ['spacelift-slack app diff'],
    source: 'reports',
  },
  {
    word: 'app_missing_action_url',
    meaning: 'The app has no URL for interactivity, so buttons and dialogs do nothing.',
    causes: [
      'Interactivity is off in the app.',
      'The app was created by hand, without the third of its URLs.',
    ],
    advice: "Turn interactivity on with the webhook's URL, as the documented manifest does.",
    run: ['spacelift-slack app diff', 'spacelift-slack app update'],
    source: 'reports',
  },
];
