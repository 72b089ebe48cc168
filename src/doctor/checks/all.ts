import type { Check } from '../check.ts';
import { domainChecks } from './domain.ts';
import { endpointChecks } from './endpoint.ts';
import { environmentChecks } from './environment.ts';
import { signatureChecks } from './signature.ts';
import { slackChecks } from './slack.ts';
import { tlsChecks } from './tls.ts';

/**
 * Every check, in the order of the report.
 *
 * @param ownHost true where people's browsers come back to another host than the one that Slack calls
 */
export function allChecks(ownHost: boolean): readonly Check[] {
  return [
    ...environmentChecks,
    ...domainChecks,
    ...tlsChecks,
    ...endpointChecks(ownHost),
    ...signatureChecks,
    ...slackChecks,
  ];
}
