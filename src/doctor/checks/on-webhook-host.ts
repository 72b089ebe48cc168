import type { CheckId } from '../catalogue/catalogue.ts';
import type { Check, CheckResult } from '../check.ts';
import type { Peer } from '../probe/handshake.ts';
import type { Subject } from '../subject.ts';
import { onEachAddress } from './each-address.ts';

/** A check of the host that Slack calls, on each of its addresses. It needs `webhook.reachable`. */
export function onWebhookHost(
  id: CheckId,
  judge: (subject: Subject, peer: Peer) => Promise<CheckResult>,
): Check {
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
