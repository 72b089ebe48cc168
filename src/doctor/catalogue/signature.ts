import type { CheckGroup } from './entry.ts';

export const signature = {
  group: 'signature',
  about:
    'These sign requests as Slack does. All of them are challenges (url_verification), or forms with neither a command nor a payload: a server cannot act on either. Their bodies hold what proxies rewrite: JSON with escapes, blanks and a long number, forms with +, %20 and lower-case escapes.',
  checks: [
    {
      id: 'signature.challenge',
      title: 'a signed challenge comes back, as Slack requires when it saves the URL',
      proves:
        'The deployment verifies with the signing secret in SLACK_SECRET: a signed challenge with a random value comes back. If it is rejected, doctor sends it again with one thing changed at a time, and names the cause that fits. If it comes back as text/html, that is a warning: Slack documents three other types (url_verification).',
      causes: [
        'The deployment has another SLACK_SECRET, often because it was not restarted after a change.',
        'The deployment has the Client Secret in SLACK_SECRET.',
        'The deployed secret has a line break, a blank or quotes around it, or was base64-encoded twice.',
        'A gateway parses the JSON and writes it again: a plain challenge passes, every event would fail.',
        'A proxy drops the body, or the headers X-Slack-Signature and X-Slack-Request-Timestamp (CloudFront does by default). Without the headers a signed request looks like an unsigned one, so that doctor can only name this as possible.',
        'A firewall or gateway responds in the place of Spacelift: a path that does not exist gets the same response.',
      ],
      advice:
        'Compare both values with the Signing Secret under Basic Information, and restart server, drain and scheduler.',
      run: ['spacelift-slack doctor --only signature.challenge'],
    },
    {
      id: 'signature.form',
      title: 'forms, which carry commands and buttons, are verified over their exact bytes',
      proves:
        'A form reaches the verifier byte for byte: a correctly signed one is not rejected with 401 or 403, and one signed with another secret is. A proxy that decodes and re-encodes forms breaks every command and button while the check of the request URL stays green.',
      causes: [
        'A proxy or a parser re-encodes the form before its signature is verified.',
        'Forms meet a redirect, a login, a bot check or a firewall that JSON does not meet.',
        'Forms are not accepted at all (405, 413, 415, or 404 for a forged one too), or get no response in time.',
        'Forms are not verified: a forged one is accepted.',
        'A relay verifies with one secret, and Spacelift behind it with another.',
        '502, 503 or 504 while challenges pass: a relay or proxy runs in front of a Spacelift that is down, or that it does not reach. 508: the --upstream of a relay leads back to the relay.',
        'Another 5xx (a warning): the server fails, or only on this form, which is of no workspace.',
        'A rate limit responds with 429, so that this is not known (a warning).',
      ],
      advice:
        'Let forms through to the verifier unchanged, before any parser. For 5xx, start Spacelift or correct the --upstream of the relay, whose log and status page name the reason.',
      run: ['spacelift-slack doctor --only signature.form'],
    },
    {
      id: 'signature.rejects-forged',
      title: 'a request that is signed with another secret is rejected',
      proves:
        'A challenge that is signed with a random secret is rejected. If it comes back, the endpoint responds before it verifies, and signature.challenge proves nothing about the secret.',
      causes: ['The endpoint responds to challenges before it verifies them.', 'Nothing is verified at all.'],
      advice: 'Verify the signature of every request before anything else.',
      run: ['spacelift-slack doctor --only signature.rejects-forged'],
    },
    {
      id: 'signature.rejects-unsigned',
      title: 'a request without a signature is rejected',
      proves: 'A challenge without signature headers is rejected.',
      causes: ['Verification is optional: it is left out if the headers are missing.'],
      advice: 'Reject a request without both headers with 401.',
      run: ['spacelift-slack doctor --only signature.rejects-unsigned'],
    },
    {
      id: 'signature.rejects-stale',
      title: 'a request that is ten minutes old, or ahead, is rejected',
      proves:
        'A correctly signed request that is ten minutes old is rejected. One that is ten minutes ahead should be rejected too; if it is not, that is a warning, since common frameworks, among them Bolt, accept it.',
      causes: ['The timestamp is not compared with the clock, or only the past is.'],
      advice:
        'Reject a timestamp that is more than five minutes off: else a recorded request can be replayed.',
      run: ['spacelift-slack doctor --only signature.rejects-stale'],
    },
  ],
} as const satisfies CheckGroup;
