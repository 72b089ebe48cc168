import { type CheckResult, fail, warn } from '../check.ts';
import type { HttpResponse } from '../probe/http-request.ts';
import type { RateLimit } from '../probe/pacing.ts';
import { describeResponse } from '../probe/response.ts';

/** What a response says about the route to a path; undefined if the request got through. */
export function judgeRoute(
  response: HttpResponse,
  method: 'GET' | 'POST',
  path: string,
): CheckResult | undefined {
  const { status } = response;
  const described = describeResponse(response);
  if (status === 404 || status === 410) {
    return fail(
      `${described}: not enabled, not restarted, or the wrong path`,
      `Set the three variables for server, drain and scheduler, restart them, and check that ${path} is routed to the server (paths are case-sensitive).`,
    );
  }
  if (status === 405) {
    return fail(
      `${described}: ${method} is not allowed on ${path}`,
      `Let the load balancer, proxy or firewall pass ${method} requests on this path.`,
    );
  }
  if (status < 200 || status === 304) {
    return fail(
      `${described}: not a response to a ${method}`,
      'Check the proxy or cache in front: it handles the request as one of another kind.',
    );
  }
  if (status === 421) {
    return fail(
      `${described}: the server that responds does not serve this host`,
      'Configure the host on the load balancer or proxy that the name points to.',
    );
  }
  if (isNoServer(status)) {
    return fail(
      `${described}: the load balancer or proxy reaches no server`,
      "Check that Spacelift's server runs, and that its health check passes.",
    );
  }
  return undefined;
}

/** Whether a status says that a load balancer or proxy reaches no server. */
export function isNoServer(status: number): boolean {
  return status >= 502 && status <= 504;
}

const exemptHint = "Exempt /webhooks/slack from the rate limit: Slack's requests come from few addresses.";

/** What a rate limit says: nothing about the request, which doctor has sent twice. */
export function describeRateLimit(response: RateLimit): { readonly detail: string; readonly hint: string } {
  return response.status === 429
    ? { detail: `a rate limit responds with ${describeResponse(response)}`, hint: exemptHint }
    : {
        detail: `the server is overloaded: ${describeResponse(response)}, with Retry-After`,
        hint: 'Run doctor again when the server accepts requests.',
      };
}

/** For a request to which a rate limit has responded: nothing is known, and no skip beside passes may hide that. */
export function warnOfRateLimit(what: string, response: RateLimit): CheckResult {
  const { detail, hint } = describeRateLimit(response);
  return warn(`not known: ${detail} to ${what}`, hint);
}
