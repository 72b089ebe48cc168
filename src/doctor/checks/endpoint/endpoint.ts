import type { Check } from '../../check.ts';
import { onWebhookHost } from '../on-webhook-host.ts';
import { judgeClock } from './clock-skew.ts';
import { judgeLatency } from './latency.ts';
import { judgeOwnHost, judgeRedirectTarget } from './redirect-target.ts';
import { judgeWebhook } from './webhook.ts';

/** @param ownHost true if browsers return to another host than the one that Slack calls */
export const endpointChecks = (ownHost: boolean): readonly Check[] => [
  {
    ...onWebhookHost('webhook.reachable', judgeWebhook),
    needs: ['dns.resolves', 'dns.public', 'tls.trusted', 'tls.hostname', 'tls.expiry', 'tls.version'],
    connectionReportRank: 3,
  },
  onWebhookHost('webhook.latency', judgeLatency),
  ownHost
    ? { id: 'oauth.reachable', needs: ['domain.valid'], network: true, run: judgeOwnHost }
    : onWebhookHost('oauth.reachable', judgeRedirectTarget),
  onWebhookHost('clock.skew', judgeClock),
];
