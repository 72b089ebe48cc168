import type { OpenRoute } from '../http/exchange.ts';
import { redirectPath } from '../oauth/oauth.ts';
import { pageAnswer } from '../oauth/pages.ts';
import { browserHeaders, refuseLoop } from './headers.ts';
import type { Upstream } from './upstream.ts';

/** Longer than for Slack: Spacelift exchanges the code meanwhile, and a browser is patient. */
const timeLimit = 15_000;

/** `GET /slack_oauth`: passed on as it came, since it is Spacelift that knows the state; its answer goes back untouched. */
export function relayOAuth(upstream: Upstream): OpenRoute {
  return {
    kind: 'oauth',
    method: 'GET',
    path: redirectPath,
    async handle(request) {
      const note = { kind: 'oauth' };
      const loop = refuseLoop(request, note.kind);
      if (loop) return loop;
      const result = await upstream.ask({
        method: 'GET',
        path: request.query === '' ? redirectPath : `${redirectPath}?${request.query}`,
        headers: browserHeaders(request),
        timeLimit,
      });
      if (result.kind === 'answer') {
        const { status, headers, body } = result;
        return { status, headers, body, note: { ...note, verdict: 'passed on' } };
      }
      return pageAnswer(
        request.id,
        502,
        {
          title: 'Spacelift cannot be reached',
          paragraphs: [
            'The installation was not finished: Spacelift did not answer.',
            'Start it again from Spacelift, under Integrations, Slack. If this page comes back, tell whoever runs the relay.',
          ],
        },
        { ...note, verdict: 'not passed on', error: new Error(`the upstream: ${result.detail}`) },
      );
    },
  };
}
