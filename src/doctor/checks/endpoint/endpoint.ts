import type { CheckId } from '../../catalogue/catalogue.ts';
import type { Check, CheckResult } from '../../check.ts';
import type { Peer } from '../../probe/handshake.ts';
import type { Subject } from '../../subject.ts';
import { onEachAddress } from '../each-address.ts';
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

function onWebhookHost(id: CheckId, judge: (subject: Subject, peer: Peer) => Promise<CheckResult>): Check {
  return {
    id,
    needs: ['webhook.reachable'],
    startsAfter: ['dns.resolves', 'dns.public'],
    network: true,
    connectionReportRank: 1,
    run: (subject) =>
      onEachAddress(subject, {
        id,
        host: subject.target.webhookDomain,
        check: (peer) => judge(subject, peer),
      }),
  };
}
