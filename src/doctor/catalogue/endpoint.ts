import type { CheckGroup } from './entry.ts';

export const endpoint = {
  group: 'endpoint',
  about:
    "These send requests to the two paths that Slack and the browser of a person who installs the app use. They carry Slack's User-Agent, at most six at a time to one address. A rate limit (429, or 503 with Retry-After) is no verdict: the request is sent once more after the time that it names, and if that meets one too, the check is skipped or warns.",
  checks: [
    {
      id: 'webhook.reachable',
      title: 'POST /webhooks/slack reaches the Slack endpoint',
      proves:
        'A POST to /webhooks/slack reaches what could be the endpoint for Slack. doctor sends an unsigned request to every address; 401 is the best response. If a signed challenge comes back, the endpoint is there, and a server error or no response to unsigned requests only warns. The same request is sent with another User-Agent and with a client certificate of an unknown CA: if the response changes, the check reports it.',
      causes: [
        '404 or 410: the three variables are not set, the server was not restarted after they were, or the path is routed elsewhere. Paths are case-sensitive.',
        'Refused, timed out or closed: a firewall, security group, load balancer or listener. "Timed out" says at which stage.',
        'An API gateway or load balancer responds in the place of Spacelift, such as AWS API Gateway with 403 "Missing Authentication Token".',
        'A firewall blocks "bot" in the User-Agent, and with it Slack ("Slackbot 1.0").',
        'A redirect: Slack needs the response where it sends the request.',
        'A login or a bot check: an identity proxy or a web application firewall responds.',
        'The catch-all page of a front end: every path gets it, so the path is not routed to the server.',
        'The CSRF protection of an application: Slack sends no CSRF token.',
        'No response, although other paths get one: old frameworks never respond to a wrong signature. Compare SLACK_SECRET.',
        'The server asks for a client certificate and rejects one that it does not know (a warning): Slack presents its own to every server that asks.',
        '502, 503 or 504: the load balancer has no healthy server. Another 5xx: the server fails; see its log.',
        '405: a proxy in front lets only GET through. 421: it does not serve this host. 101 or 304: it mistakes the request for another kind. 407: a proxy requires a login.',
        'A web page (a warning): a firewall rejects unsigned requests. With SLACK_SECRET a signed request shows whose page it is.',
        'A client certificate is required (mutual TLS): only Slack has it, so nothing behind it can be checked from elsewhere.',
        'A response with more than 64 KiB, or more than 16 KiB of headers: something other than Spacelift responds.',
      ],
      advice:
        'Let POST /webhooks/slack through to Spacelift unchanged, without a login, a redirect or a bot check. Set the three variables for server, drain and scheduler, and restart them. Behind mutual TLS, pass --skip endpoint,signature.',
      run: ['spacelift-slack doctor --only webhook.reachable'],
    },
    {
      id: 'webhook.latency',
      title: 'the response comes within the three seconds that Slack waits',
      proves:
        'The response to a signed challenge (without a signing secret: to an unsigned request) comes within three seconds, connection included, also on the second attempt. It warns from two seconds on, and if only the first response was late.',
      causes: [
        'A cold start: the server has to wake up and loses what Slack sends first.',
        'A slow database, or a proxy that buffers or waits.',
        'This machine is far from the deployment.',
      ],
      advice: 'Keep the server warm, and find in its log what takes the time.',
      run: ['spacelift-slack doctor --only webhook.latency'],
    },
    {
      id: 'oauth.reachable',
      title: 'GET /slack_oauth reaches the server',
      proves:
        'The page that a browser returns to from Slack exists. doctor requests it without a code, so 400 is fine. With --webhook-domain this host may be private: the check is then skipped if none of its addresses can be reached from here, and never fails.',
      causes: [
        '404, 405, 502 and the like: as for webhook.reachable.',
        'A redirect to another host (a warning): a login in front of Spacelift. It must send the browser back with code and state.',
      ],
      advice: 'Route /slack_oauth to the server of Spacelift.',
      run: ['spacelift-slack doctor --only oauth.reachable'],
    },
    {
      id: 'clock.skew',
      title: 'the clock of the deployment is right enough to verify signatures',
      proves:
        'A signature is valid for five minutes before and after its time. doctor compares the Date header with the clock of this machine. A proxy writes that header by its own clock, so if a signed challenge is rejected, doctor also tries other times, and if it is accepted, the header only warns.',
      causes: [
        'The clock of the server, or of this machine, is not synchronised.',
        'The server mistakes its local time for UTC: it is off by whole hours, although its Date header is right.',
      ],
      advice: 'Synchronise both clocks with NTP, and restart the server.',
      run: ['spacelift-slack doctor --only clock.skew'],
    },
  ],
} as const satisfies CheckGroup;
