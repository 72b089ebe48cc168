import type { Check } from '../check.ts';
import { domainChecks } from './domain.ts';
import { endpointChecks } from './endpoint.ts';
import { environmentChecks } from './environment.ts';
import { signatureChecks } from './signature.ts';
import { slackChecks } from './slack.ts';
import { insideNetwork, socketChecks } from './socket.ts';
import { tlsChecks } from './tls.ts';

/**
 * Every check, in the order of the report.
 *
 * @param ownHost true where people's browsers come back to another host than the one that Slack calls
 * @param socketMode true if the app uses Socket Mode, so that only the relay calls Spacelift
 */
export function allChecks(ownHost: boolean, socketMode = false): readonly Check[] {
  const checks = [
    ...environmentChecks,
    ...domainChecks,
    ...tlsChecks,
    ...endpointChecks(ownHost),
    ...signatureChecks,
    ...slackChecks,
  ];
  return socketMode ? [...insideNetwork(checks), ...socketChecks] : checks;
}
