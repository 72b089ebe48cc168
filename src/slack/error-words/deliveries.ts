import type { ErrorWord } from './entry.ts';

/** What Slack, and servers that verify its requests, report while a request URL is verified and events are delivered. */
export const deliveryWords: readonly ErrorWord[] = [
  {
    word: 'challenge_failed',
    shown: ["Your URL didn't respond with the value of the challenge parameter."],
    meaning:
      'Slack sent a signed url_verification to the request URL and did not get its challenge back. It shows the same sentence for every cause.',
    causes: [
      'The endpoint is not reachable from the internet, or does not respond within 3 seconds.',
      'Spacelift is not configured for Slack yet: the variables are missing, or it was not restarted.',
      "SLACK_SECRET is not this app's signing secret, or the server's clock is off by more than 5 minutes.",
      'The certificate is not trusted: private, expired, for another host, or without its intermediate.',
      "A login page, a redirect or a firewall responds in Spacelift's place.",
      'The path is wrong; upper and lower case differ.',
    ],
    advice:
      "Run doctor, which sends the same request and names the cause; then press Retry in the app's settings.",
    run: [
      'spacelift-slack doctor',
      'spacelift-slack trigger url-verification --url https://spacelift.example.com/webhooks/slack',
    ],
    source: 'request-urls',
  },
  {
    word: 'request-url-http-error',
    shown: ['Your request URL responded with an HTTP error.'],
    meaning:
      'Slack sent a signed url_verification to the request URL, and the response had an error status. The endpoint was reached, so DNS, TLS and the network are fine.',
    causes: [
      '404: the path is not /webhooks/slack, or Slack is not enabled in Spacelift yet.',
      "401 or 403: SLACK_SECRET is not this app's signing secret, or a firewall or login proxy is in front.",
      '405: the URL belongs to another page, which accepts no POST.',
      '5xx: the load balancer has no healthy Spacelift server behind it, or the server failed.',
    ],
    advice: "Run doctor, which names the status and its cause; then press Retry in the app's settings.",
    run: ['spacelift-slack doctor --only endpoint,signature'],
    source: 'reports',
  },
  {
    word: 'failed_to_verify',
    alias: ['url-is-not-verified'],
    shown: ["settings.event_subscriptions.request_url: URL isn't verified"],
    meaning: 'The manifest has a request URL that Slack has not verified yet.',
    causes: [
      'The manifest was applied before the endpoint was deployed, so the challenge failed.',
      "The manifest changed the URL, which must then be verified by hand in the app's settings.",
      'Anything that can fail a challenge: see challenge_failed.',
    ],
    advice: "Deploy the endpoint first, then verify the URL on the app's App Manifest page.",
    run: ['spacelift-slack doctor --only endpoint,signature', 'spacelift-slack explain challenge_failed'],
    source: 'manifests',
  },
  {
    word: 'http_timeout',
    shown: ['X-Slack-Retry-Reason: http_timeout'],
    meaning: 'Slack retries an event because the first delivery got no response within 3 seconds.',
    causes: ['The endpoint does its work before it responds.', 'The server or its database is overloaded.'],
    advice: 'Measure how long the endpoint takes to respond, and what delays it.',
    run: ['spacelift-slack doctor --only webhook.latency'],
    source: 'events',
  },
  {
    word: 'http_error',
    shown: ['X-Slack-Retry-Reason: http_error'],
    meaning: 'Slack retries an event because the first delivery got an error status.',
    causes: [
      '401 or 403: the signing secret differs.',
      '404: the path differs, or Slack is not enabled in Spacelift.',
      '503: a relay is overloaded, its queue is full, or its store fails; its log says which.',
      'Another 5xx: the server, or the load balancer in front of it, has failed.',
    ],
    advice: 'Find the status in the log of the proxy, or run doctor.',
    run: ['spacelift-slack doctor --only endpoint,signature'],
    source: 'events',
  },
  {
    word: 'connection_failed',
    shown: ['X-Slack-Retry-Reason: connection_failed'],
    meaning: "Slack could not connect to the endpoint's host.",
    causes: [
      'The host was restarting.',
      'A firewall or a security group blocks Slack.',
      'The DNS name does not resolve outside your network.',
    ],
    advice: 'Check from outside your network that the name resolves and the port accepts connections.',
    run: ['spacelift-slack doctor --only domain,endpoint'],
    source: 'events',
  },
  {
    word: 'ssl_error',
    shown: ['X-Slack-Retry-Reason: ssl_error'],
    meaning: 'Slack could not make a trusted TLS connection to the endpoint.',
    causes: [
      'The certificate has expired.',
      'The server does not send the intermediate certificate.',
      'The certificate is from a private CA.',
      'The certificate is for another host.',
      'The server asks for a client certificate and does not trust the one that Slack shows.',
    ],
    advice: 'Serve the full chain of a publicly trusted certificate for this host.',
    run: ['spacelift-slack doctor --only tls'],
    source: 'events',
  },
  {
    word: 'too_many_redirects',
    shown: ['X-Slack-Retry-Reason: too_many_redirects'],
    meaning: 'The endpoint redirects; Slack follows at most two redirects.',
    causes: [
      'A login proxy is in front.',
      'The server redirects http to https, or one host name to another.',
    ],
    advice: 'Make the request URL respond itself, without redirects and login.',
    run: ['spacelift-slack doctor --only webhook.reachable'],
    source: 'events',
  },
  {
    word: 'unknown_error',
    shown: ['X-Slack-Retry-Reason: unknown_error'],
    meaning: 'Slack could not deliver an event and gives no reason.',
    causes: ['The connection was closed in the middle of the response.', 'The response was not valid HTTP.'],
    advice: 'Look for closed connections in the log of the proxy.',
    run: ['spacelift-slack doctor --only endpoint'],
    source: 'events',
  },
  {
    word: 'app_rate_limited',
    meaning: 'This app had more events than Slack delivers: 30,000 an hour for each workspace.',
    causes: ['The app subscribes to more events than app_uninstalled, the only one that Spacelift needs.'],
    advice: 'Remove the other events from the app.',
    run: ['spacelift-slack app diff'],
    source: 'events',
  },
  {
    word: 'invalid_signature',
    shown: ['{"error":"invalid_signature"}'],
    meaning:
      '`spacelift-slack serve` rejected a request with 401: its signature was not made with SLACK_SECRET within the last 5 minutes. The log says which part was wrong.',
    causes: [
      "SLACK_SECRET is the client secret, the verification token, or another app's signing secret.",
      'The clock of this machine is off.',
      'A proxy in front changes the body or removes a header.',
      'The request did not come from Slack.',
    ],
    advice: 'Copy the signing secret again from Basic Information, and check the clock.',
    run: ['spacelift-slack doctor --only env,signature,clock.skew'],
    source: 'signing',
  },
  {
    word: 'stale-request',
    shown: [
      'Failed to verify authenticity: stale',
      'Failed to verify authenticity: x-slack-request-timestamp must differ from system time by no more than 5 minutes or request is stale',
    ],
    meaning:
      "A server built with Slack's SDK rejected a request because its timestamp is more than 5 minutes away from the server's clock.",
    causes: [
      "The server's clock is off, or a whole number of hours off because of its time zone.",
      'A queue or a proxy in front delivered the request late.',
      'Someone replayed a recorded request.',
    ],
    advice:
      'Synchronise the clock of the server (NTP), and check that nothing in front of it delays requests.',
    run: ['spacelift-slack doctor --only clock.skew,signature'],
    source: 'signing',
  },
];
