import type { Check } from '../check.ts';
import { domainChecks } from './domain.ts';
import { endpointChecks } from './endpoint/endpoint.ts';
import { environmentChecks } from './environment.ts';
import { signatureChecks } from './signature/signature.ts';
import { slackChecks } from './slack.ts';
import { insideNetwork, socketChecks } from './socket.ts';
import { tlsChecks } from './tls.ts';

export interface CheckOptions {
  /** True if browsers return to another host than the one that Slack calls. */
  readonly ownHost: boolean;
  /** True if the app uses Socket Mode, so that only the relay calls Spacelift. */
  readonly socketMode: boolean;
}

/** Every check, in the order of the catalogue. */
export function allChecks({ ownHost, socketMode }: CheckOptions): readonly Check[] {
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
