import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'vitest';
import { createAuthority } from '../support/certificate-authority.ts';
import { checkIds, createScene, endsBut, examineAt, find, host, type Scene } from '../support/examination.ts';
import { need } from '../support/need.ts';
import { type NginxOptions, startNginx } from '../support/nginx.ts';
import { slackEndpoint } from '../support/slack-endpoint.ts';
import { httpServer, httpsServer } from '../support/tls-server.ts';

// What stands between Slack and Spacelift: proxies, gateways and firewalls, as nginx and as small servers of Node.

type Endpoint = Partial<Parameters<typeof slackEndpoint>[0]>;

/** What may differ from an nginx that forwards everything. `{upstream}` stands for the address of the endpoint. */
interface Front extends Partial<Pick<NginxOptions, 'location' | 'server' | 'http'>> {
  readonly endpoint?: Endpoint;
  /** Options of doctor. */
  readonly args?: readonly string[];
}

const forward = 'proxy_pass http://{upstream};';

/** Runs doctor against an endpoint behind nginx. */
async function examineBehind(front: Front, context: TestContext, scene?: Scene) {
  const program = await need('nginx', context);
  const { onTestFinished } = context;
  const examined = scene ?? (await createScene(onTestFinished));
  const { authority, signingSecret } = examined;
  const upstream = await httpServer(slackEndpoint({ signingSecret, ...front.endpoint }), {
    onFinished: onTestFinished,
  });
  const port = await startNginx({
    program,
    identity: await authority.issue({ names: [host] }),
    location: (front.location ?? forward).replaceAll('{upstream}', `127.0.0.1:${upstream}`),
    ...(front.server !== undefined && { server: front.server }),
    ...(front.http !== undefined && { http: front.http }),
    onFinished: onTestFinished,
  });
  return examineAt(examined, port, front.args);
}

const signatureIds = checkIds.filter((id) => id.startsWith('signature.'));
const timeout = 60_000;

describe.concurrent('a rate limit in front', () => {
  const limit = (rate: string, status = 429) => ({
    http: `limit_req_zone $binary_remote_addr zone=z:1m rate=${rate}; limit_req_status ${status};`,
    location: `limit_req zone=z; ${forward}`,
  });

  it('does not hide an endpoint that verifies nothing', { timeout }, async (test) => {
    const { expect } = test;
    const { ids } = await examineBehind({ ...limit('2r/s'), endpoint: { lenient: () => true } }, test);
    expect(ids.fail).toEqual([
      'signature.form',
      'signature.rejects-forged',
      'signature.rejects-unsigned',
      'signature.rejects-stale',
    ]);
  });

  it('does not fail a deployment that is healthy behind it', { timeout }, async (test) => {
    const { expect } = test;
    const { ids, code } = await examineBehind(limit('2r/s'), test);
    expect(ids.fail).toEqual([]);
    expect(ids.warn.filter((id) => id !== 'webhook.latency')).toEqual([]);
    expect(ids.pass).toEqual(expect.arrayContaining(signatureIds));
    expect(code).toBe(0);
  });

  it('is no verdict if it never lets a request through', { timeout }, async (test) => {
    const { expect } = test;
    const { ids, report } = await examineBehind({ location: 'return 429;' }, test);
    expect(ids.fail).toEqual([]);
    expect(ids.pass.filter((id) => /^(webhook|oauth|signature)/.test(id))).toEqual([]);
    expect(ids.warn).toEqual(['webhook.reachable', 'webhook.latency', 'oauth.reachable', ...signatureIds]);
    for (const id of ['webhook.reachable', 'signature.challenge', 'signature.rejects-forged'] as const) {
      expect(find(report, id)).toMatchObject({
        detail: expect.stringContaining('a rate limit responds with 429'),
        hint: expect.stringMatching(/Exempt .*from the rate limit/),
      });
    }
  });

  it('is waited for as long as its Retry-After says', { timeout }, async (test) => {
    const { expect } = test;
    let limited = 0;
    const { ids } = await examineBehind(
      {
        endpoint: {
          lenient: () => true,
          before: (_, response) => {
            limited += 1;
            if (limited > 3) return false;
            response.writeHead(503, { 'Retry-After': '1' }).end();
            return true;
          },
        },
      },
      test,
    );
    expect(ids.fail).toContain('signature.rejects-forged');
    expect(ids.fail).not.toContain('webhook.reachable');
  });

  it('is named if it meets signed requests alone', { timeout }, async (test) => {
    const { expect } = test;
    const { ids, report } = await examineBehind(
      { location: `if ($http_x_slack_signature) { return 429; } ${forward}` },
      test,
    );
    expect(ids.fail).toEqual([]);
    expect(find(report, 'signature.challenge')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('a rate limit responds with 429'),
      hint: expect.stringContaining('Exempt /webhooks/slack'),
    });
  });
});

describe.concurrent('a server that asks for a client certificate', () => {
  const ask = async (verify: string, scene: Scene) => {
    const file = join(scene.cwd, 'clients.pem');
    await writeFile(file, (await createAuthority('clients')).root);
    return { server: `ssl_verify_client ${verify}; ssl_client_certificate ${file};` };
  };

  it('is warned about if it rejects one that it does not know', { timeout }, async (test) => {
    const { expect, onTestFinished } = test;
    const scene = await createScene(onTestFinished);
    const { ids, report } = await examineBehind(await ask('optional', scene), test, scene);
    expect(ids.fail).toEqual([]);
    expect(endsBut({}, ids).warn).toEqual(['webhook.reachable']);
    expect(find(report, 'webhook.reachable').detail).toMatch(/asks for a client certificate.* gets 400/);
  });

  it('is fine if it accepts any', { timeout }, async (test) => {
    const { expect, onTestFinished } = test;
    const scene = await createScene(onTestFinished);
    const { ids } = await examineBehind(await ask('optional_no_ca', scene), test, scene);
    expect(endsBut({}, ids)).toMatchObject({ fail: [], warn: [] });
  });
});

describe.concurrent('a firewall that judges the User-Agent', () => {
  it.for([
    [
      '403 with a page',
      'return 403;',
      /with Slack's User-Agent gets 403.* another one 401.*blocks "Slackbot"/,
    ],
    ['403 with no body', 'return 403 "";', /blocks "Slackbot"/],
    ['a closed connection', 'return 444;', /gets no response .*blocks "Slackbot"/],
  ] as const)('is named if it blocks "bot" with %s', { timeout }, async ([, end, detail], test) => {
    const { expect } = test;
    const { ids, report } = await examineBehind(
      { location: `if ($http_user_agent ~* bot) { ${end} } ${forward}` },
      test,
    );
    expect(ids.fail).toEqual(['webhook.reachable']);
    expect(find(report, 'webhook.reachable').detail).toMatch(detail);
  });

  it('is named without a signing secret too', { timeout }, async (test) => {
    const { expect, onTestFinished } = test;
    const scene = await createScene(onTestFinished);
    await writeFile(join(scene.cwd, '.env'), '');
    const { report } = await examineBehind(
      { location: `if ($http_user_agent ~* bot) { return 403 ""; } ${forward}` },
      test,
      scene,
    );
    expect(find(report, 'webhook.reachable')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('blocks "Slackbot"'),
    });
  });

  it('is no obstacle if it lets Slack through and nobody else', { timeout }, async (test) => {
    const { expect } = test;
    const { ids } = await examineBehind(
      {
        location: `set $other "$http_user_agent$request_method"; if ($other ~ "^(?!Slackbot).*POST$") { return 403; } ${forward}`,
      },
      test,
    );
    expect(endsBut({}, ids)).toMatchObject({ fail: [], warn: [] });
  });
});

describe.concurrent('a proxy that changes requests', () => {
  const challengeOf = async (front: Front, test: TestContext) => {
    const examined = await examineBehind(front, test);
    test.expect(examined.ids.fail).toEqual(['signature.challenge']);
    return find(examined.report, 'signature.challenge');
  };

  it('is named if it parses JSON and writes it again', { timeout }, async ({ expect, onTestFinished }) => {
    const scene = await createScene(onTestFinished);
    const upstream = await httpServer(slackEndpoint(scene), { onFinished: onTestFinished });
    const gateway = await httpsServer(
      await scene.authority.issue({ names: [host] }),
      (incoming, response) => {
        const pass = async () => {
          const body = await buffer(incoming);
          const isJson = incoming.headers['content-type'] === 'application/json';
          const sent = isJson ? Buffer.from(JSON.stringify(JSON.parse(body.toString()))) : body;
          const headers = { ...incoming.headers, 'content-length': String(sent.length) };
          const { method, url: path } = incoming;
          const outgoing = request({ port: upstream, method, path, headers }, (answer) => {
            response.writeHead(answer.statusCode ?? 0, answer.headers);
            answer.pipe(response);
          });
          outgoing.end(sent);
        };
        pass().catch(() => response.destroy());
      },
      { onFinished: onTestFinished },
    );
    const { ids, report } = await examineAt(scene, gateway);
    expect(ids.fail).toEqual(['signature.challenge']);
    expect(find(report, 'signature.challenge').detail).toMatch(/parses the body and writes it again/);
  });

  it('is named if it drops the body', { timeout }, async (test) => {
    const location = `proxy_pass_request_body off; proxy_set_header Content-Length ""; ${forward}`;
    const { detail } = await challengeOf({ location }, test);
    test.expect(detail).toMatch(/the body does not reach the verifier/);
  });

  const withoutHeaders = `proxy_set_header X-Slack-Signature ""; proxy_set_header X-Slack-Request-Timestamp ""; ${forward}`;

  it('is a possible cause if it drops the headers of the signature', { timeout }, async (test) => {
    const { detail } = await challengeOf({ location: withoutHeaders }, test);
    test
      .expect(detail)
      .toMatch(/SLACK_SECRET here is not .*; less likely, a proxy drops the X-Slack-\* headers/);
  });

  it('is named if it drops them and the endpoint says that they are missing', { timeout }, async (test) => {
    const endpoint: Endpoint = {
      before: ({ method, headers }, response) => {
        if (method !== 'POST' || headers['x-slack-signature'] !== undefined) return false;
        response.writeHead(401).end('{"error":"missing signature headers"}');
        return true;
      },
    };
    const { detail } = await challengeOf({ location: withoutHeaders, endpoint }, test);
    test.expect(detail).toMatch(/drops X-Slack-Signature or X-Slack-Request-Timestamp/);
  });

  it('is no cause if the endpoint rejects unsigned requests in another way', { timeout }, async (test) => {
    const endpoint: Endpoint = {
      signingSecret: 'another secret altogether',
      before: ({ method, headers }, response) => {
        if (method !== 'POST' || headers['x-slack-signature'] !== undefined) return false;
        response.writeHead(400).end();
        return true;
      },
    };
    const { detail } = await challengeOf({ endpoint }, test);
    test.expect(detail).toMatch(/SLACK_SECRET here is not what the deployment verifies with$/);
  });
});

describe.concurrent('what responds in the place of Spacelift', () => {
  const json = (status: number, body: string, headers = '') =>
    `default_type application/json; ${headers} return ${status} '${body}';`;
  it.for([
    [
      'AWS API Gateway',
      json(
        403,
        '{"message":"Missing Authentication Token"}',
        'add_header x-amzn-ErrorType MissingAuthenticationTokenException always;',
      ),
    ],
    ['AWS API Gateway', json(403, '{"message":"Forbidden"}', 'add_header apigw-requestid abc= always;')],
    [
      'Azure API Management',
      json(
        401,
        '{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include it." }',
      ),
    ],
    [
      'Google Cloud API Gateway or Endpoints',
      json(401, '{"code":401,"message":"UNAUTHENTICATED: Method doesn\\\'t allow unregistered callers"}'),
    ],
    ['Kong', json(401, '{"message":"No API key found in request"}')],
    ['Envoy or Istio', 'default_type text/plain; return 403 "RBAC: access denied";'],
  ] as const)('is named: %s', { timeout }, async ([name, location], test) => {
    const { expect } = test;
    const { ids, report } = await examineBehind({ location }, test);
    expect(ids.fail).toEqual(['webhook.reachable']);
    expect(find(report, 'webhook.reachable').detail).toContain(`${name} responds in the place of Spacelift`);
    const alone = await examineBehind({ location, args: ['--only', 'oauth.reachable'] }, test);
    expect(find(alone.report, 'oauth.reachable')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining(name),
    });
  });

  it('is told from a wrong secret by a path that does not exist', { timeout }, async (test) => {
    const { expect } = test;
    const { ids, report } = await examineBehind({ location: json(403, '{"denied":true}') }, test);
    expect(ids.fail).toEqual(['signature.challenge']);
    expect(find(report, 'signature.challenge').detail).toMatch(
      /a path that does not exist gets the same response: a gateway or firewall in front responds/,
    );
  });

  it('is called the catch-all page of a front end if every path gets it', { timeout }, async (test) => {
    const { expect } = test;
    const location = `default_type text/html; return 200 '<!doctype html><html><title>Spacelift</title><div id="root"></div></html>';`;
    const { report } = await examineBehind({ location }, test);
    expect(find(report, 'webhook.reachable')).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(
        /catch-all page of a front end responds: every path gets 200.*"Spacelift"/,
      ),
    });
  });

  it.for([
    ['Django', 403, '<h1>Forbidden</h1><p>CSRF verification failed. Request aborted.</p>'],
    ['Rails', 422, '<h1>ActionController::InvalidAuthenticityToken</h1>'],
    ['Laravel', 419, '<!doctype html><title>Page Expired</title>'],
    ['csurf', 403, 'ForbiddenError: invalid csrf token'],
  ] as const)(
    'is called CSRF protection, and no firewall: %s',
    { timeout },
    async ([, status, body], test) => {
      const { expect } = test;
      const { report } = await examineBehind(
        {
          endpoint: {
            before: ({ method }, response) => {
              if (method !== 'POST') return false;
              response.writeHead(status, { 'Content-Type': 'text/html' }).end(body);
              return true;
            },
          },
        },
        test,
      );
      const { status: end, detail, hint } = find(report, 'webhook.reachable');
      expect(end).toBe('fail');
      expect(detail).toContain('the CSRF protection of an application rejects the request');
      expect(`${detail} ${hint}`).not.toContain('firewall');
    },
  );
});

describe.concurrent('an endpoint', () => {
  const deploy = async (scene: Scene, endpoint: Endpoint) =>
    httpsServer(
      await scene.authority.issue({ names: [host] }),
      slackEndpoint({ signingSecret: scene.signingSecret, ...endpoint }),
      scene,
    );

  it.for([
    [7200, /2 hours ahead of this machine's.*mistakes its local time for UTC/],
    [-5 * 3600, /5 hours behind this machine's.*mistakes its local time for UTC/],
  ] as const)(
    'whose clock is %d s off, while its Date header is right, fails for its clock',
    { timeout },
    async ([clockOffset, detail], { expect, onTestFinished }) => {
      const scene = await createScene(onTestFinished);
      const port = await deploy(scene, {
        clockOffset,
        before: (_, response) => {
          response.removeHeader('Date');
          return false;
        },
      });
      const { ids, report } = await examineAt(scene, port);
      expect(ids.fail).toEqual(['clock.skew']);
      expect(find(report, 'clock.skew').detail).toMatch(detail);
    },
  );

  it('that never responds to a wrong signature is told from one that hangs', { timeout }, async (test) => {
    const { expect, onTestFinished } = test;
    const scene = await createScene(onTestFinished);
    const port = await deploy(scene, {
      signingSecret: 'another secret altogether',
      // It holds the connection open, as old frameworks do.
      before: ({ method, url }) => method === 'POST' && url === '/webhooks/slack',
    });
    const { ids, report } = await examineAt(scene, port);
    expect(ids.fail).toEqual(['webhook.reachable']);
    expect(find(report, 'webhook.reachable')).toMatchObject({
      detail: expect.stringMatching(/another path gets 404: the endpoint never responds to a signature/),
      hint: expect.stringContaining('Compare SLACK_SECRET here with that of the server'),
    });
  });

  it('that never responds to unsigned requests but to signed ones is there', { timeout }, async (test) => {
    const { expect, onTestFinished } = test;
    const scene = await createScene(onTestFinished);
    const port = await deploy(scene, {
      before: ({ method, headers }) => method === 'POST' && headers['x-slack-signature'] === undefined,
    });
    const { ids } = await examineAt(scene, port);
    expect(ids.fail).toEqual([]);
  });

  it('that returns the challenge as HTML is warned about', { timeout }, async ({
    expect,
    onTestFinished,
  }) => {
    const scene = await createScene(onTestFinished);
    const port = await deploy(scene, {
      answerTo: (challenge) => challenge,
      before: (_, response) => {
        const writeHead = response.writeHead.bind(response);
        response.writeHead = (status: number) =>
          writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' });
        return false;
      },
    });
    const { ids, report } = await examineAt(scene, port);
    expect(endsBut({}, ids)).toMatchObject({ fail: [], warn: ['signature.challenge'] });
    expect(find(report, 'signature.challenge').detail).toMatch(/came back as text\/html; Slack documents/);
  });
});
