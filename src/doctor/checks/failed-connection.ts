import { type ConnectionFailure, describeFailure, type Stage } from '../../net/connection-failure.ts';
import { type CheckResult, fail } from '../check.ts';
import { mutualTlsHint } from '../probe/obstacle.ts';

/** What it means for an endpoint that no response came, and where to look. */
export function failedConnection(failure: ConnectionFailure): CheckResult {
  return fail(describeFailure(failure), hintFor(failure));
}

function hintFor(failure: ConnectionFailure): string {
  switch (failure.kind) {
    case 'refused':
      return 'Check that the load balancer listens on 443, and that the security group or firewall lets Slack in.';
    case 'timed-out':
      return lateHints[failure.stage];
    case 'reset':
      return 'Look at the log of the proxy or load balancer: it closes the connection.';
    case 'no-route':
      return 'Run doctor from a machine that reaches the address, such as one outside your network.';
    case 'headers-too-large':
      return 'Find out what responds: no endpoint for Slack sends that many headers.';
    case 'mutual-tls':
      return mutualTlsHint;
    case 'handshake-rejected':
      return 'Offer TLS 1.2 and 1.3 with common ciphers; if the client certificate is required on purpose, pass --skip tls,endpoint,signature.';
    case 'not-tls':
    case 'tls':
      return 'Check that port 443 speaks TLS, not plain HTTP, and offers common ciphers.';
    default:
      return 'Check what listens on port 443.';
  }
}

const lateHints: Readonly<Record<Stage, string>> = {
  connection:
    'Check the firewall, the security group and the load balancer: packets to port 443 are dropped.',
  handshake: 'Check what listens on port 443: it accepts connections and sends nothing.',
  response: 'Look at the server behind the load balancer: it accepts the request and does not respond.',
};
