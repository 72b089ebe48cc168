export const groups = ['environment', 'domain', 'tls', 'endpoint', 'signature', 'slack'] as const;
export type Group = (typeof groups)[number];

/** Every check, in the order of the report: what a check needs stands before it. People's scripts rely on the ids. */
export const checkIds = [
  'env.client-id',
  'env.client-secret',
  'env.signing-secret',
  'env.mix-up',
  'env.file-mode',
  'env.file-tracked',
  'domain.valid',
  'dns.resolves',
  'dns.public',
  'tls.trusted',
  'tls.hostname',
  'tls.expiry',
  'tls.version',
  'webhook.reachable',
  'webhook.latency',
  'oauth.reachable',
  'clock.skew',
  'signature.challenge',
  'signature.form',
  'signature.rejects-forged',
  'signature.rejects-unsigned',
  'signature.rejects-stale',
  'slack.reachable',
  'slack.credentials',
  'slack.app-drift',
] as const;
export type CheckId = (typeof checkIds)[number];
