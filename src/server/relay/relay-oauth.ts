import type { Route } from '../http/route.ts';
import { pageResponse } from '../oauth/pages.ts';
import { redirectPath } from '../oauth/paths.ts';
import { browserHeaders, detectLoop } from './headers.ts';
import type { Upstream } from './upstream.ts';

/** Longer than for Slack, in milliseconds: Spacelift exchanges the code meanwhile, and a browser waits. */
const timeLimit = 15_000;

/** `GET /slack_oauth`: forwarded as it is, since only Spacelift knows the state; its response is returned unchanged. */
export function relayOAuth(upstream: Upstream): Route {
  const kind = 'oauth';
  return {
    kind,
    method: 'GET',
    path: redirectPath,
    async handle(request) {
      const subject = { kind };
      const loop = detectLoop(request);
      if (loop) return { ...loop, subject };
      const result = await upstream.send({
        method: 'GET',
        path: request.query === '' ? redirectPath : `${redirectPath}?${request.query}`,
        headers: browserHeaders(request),
        timeLimit,
        sender: 'browsers',
      });
      if (result.kind === 'response') {
        const { status, headers, body } = result;
        return { response: { status, headers, body }, subject, outcome: { kind: 'forwarded' } };
      }
      return {
        response: pageResponse(request.id, 502, {
          title: 'Spacelift cannot be reached',
          paragraphs: [
            'The installation is not finished: Spacelift did not respond.',
            'Start it again in Spacelift, under Integrations, Slack. If this page appears again, report it to the operator of the relay.',
          ],
        }),
        subject,
        outcome: { kind: 'not-forwarded', reason: `upstream: ${result.detail}` },
      };
    },
  };
}
