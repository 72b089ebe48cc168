import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/doctor/probe/http-request.ts';
import { asksForLogin, findGateway, findObstacle, gatewayHint } from '../../../src/doctor/probe/obstacle.ts';
import { page, response } from '../given.ts';

const find = (result: HttpResponse) => findObstacle(result, 'a.example.com', '/webhooks/slack');

describe('findObstacle', () => {
  it.each([
    response(200),
    response(200, { headers: { 'content-type': 'text/html' }, body: 'ok' }),
    response(304),
    response(400),
    response(401),
    response(401, { headers: { 'www-authenticate': 'Slack' } }),
    response(401, { headers: { 'www-authenticate': 'Bearerless' } }),
    response(400, { headers: { 'www-authenticate': 'Basic' } }),
    response(403),
    page(404),
    page(500),
    response(503, { body: 'Missing Authentication Token' }),
    response(429, { headers: { 'x-kong-response-latency': '1' } }),
    response(500, { body: 'CSRF' }),
    response(200, { body: 'csrf' }),
    response(403, { body: 'No required SSL certificate was sent' }),
  ])('is nothing for $status $headers $body', (result) => {
    expect(find(result)).toBeUndefined();
  });

  it('reports a body that is too long', () => {
    expect(find(response(200, { cutOff: true }))).toEqual({
      detail: 'the response is longer than 64 KiB, but one line is expected: 200',
    });
  });

  it.each([
    ['https://login.example.com/start?session=hush', '"https://login.example.com/start"'],
    ['/login', '"https://a.example.com/login"'],
    ['login#x', '"https://a.example.com/webhooks/login"'],
    ['slack-app:open', '"slack-app:…"'],
    ['https://[', '"https://["'],
    [undefined, 'nowhere: it has no Location'],
  ])('reports a redirect to %s', (location, shown) => {
    const headers = location === undefined ? {} : { location };
    for (const status of [300, 302, 399]) {
      expect(find(response(status, { headers }))).toEqual({ detail: `redirects (${status}) to ${shown}` });
    }
  });

  it.each([{ 'cf-mitigated': 'challenge' }, { 'x-amzn-waf-action': 'captcha' }])(
    'reports the bot check of a firewall by %j',
    (headers) => {
      expect(find(response(403, { headers }))?.detail).toMatch(
        /^a bot check \(challenge page\) of the firewall in front responds: 403/,
      );
    },
  );

  it("reports mutual TLS by nginx's page, and how to go on without", () => {
    expect(find(page(400, '<html>No required SSL certificate was sent</html>'))).toEqual({
      detail: 'the server requires a client certificate (mutual TLS)',
      hint: 'Pass --skip endpoint,signature: behind mutual TLS only Slack can check them.',
    });
  });

  it('reports a gateway, and what it has to forward', () => {
    expect(find(response(404, { headers: { server: 'awselb/2.0' } }))).toEqual({
      detail: 'an AWS load balancer responds in the place of Spacelift: 404 (server: "awselb/2.0")',
      hint: gatewayHint('POST', '/webhooks/slack'),
    });
    expect(gatewayHint('GET', '/slack_oauth')).toBe(
      'Have the gateway forward GET /slack_oauth to Spacelift unchanged, without an API key or an authorizer.',
    );
  });

  it('reports a proxy that requires a login', () => {
    expect(find(response(407))?.detail).toBe('a proxy responds, which requires a login: 407');
  });

  it.each([
    ['Basic realm="x"', 'Basic'],
    ['bearer', 'bearer'],
    ['Digest a', 'Digest'],
    ['Negotiate', 'Negotiate'],
    ['NTLM', 'NTLM'],
  ])('reports a login by %s', (header, scheme) => {
    expect(find(response(401, { headers: { 'www-authenticate': header } }))).toEqual({
      detail: `a login in front responds: 401, it requires "${scheme}" authentication`,
    });
  });

  it.each([200, 299])('reports a page with status %d', (status) => {
    expect(find(page(status))?.detail).toBe(
      `a login or challenge page responds: ${status} with a web page, "Welcome"`,
    );
  });

  it.each([
    [400, 'csrf'],
    [403, 'Forbidden (CSRF cookie not set.)'],
    [403, 'Cross-site request forgery'],
    [403, 'cross site request forgery'],
    [419, 'Page Expired'],
    [422, "Can't verify CSRF token authenticity"],
    [422, 'InvalidAuthenticityToken'],
    [422, 'authenticity token'],
  ])('reports CSRF protection by %d %s', (status, body) => {
    expect(find(response(status, { body }))).toEqual({
      detail: `the CSRF protection of an application rejects the request: ${status}`,
      hint: expect.stringContaining('Slack sends no CSRF token'),
    });
  });
});

describe('findGateway', () => {
  it.each<[name: string, made: Partial<HttpResponse>]>([
    ['AWS API Gateway', { headers: { 'x-amzn-errortype': 'ForbiddenException' } }],
    ['AWS API Gateway', { body: '{"message":"Missing Authentication Token"}' }],
    ['AWS API Gateway', { headers: { 'apigw-requestid': 'x' }, body: '{"message":"Not Found"}' }],
    ['AWS API Gateway', { headers: { 'apigw-requestid': 'x' }, body: '{"message":"Forbidden"}' }],
    ['AWS API Gateway', { headers: { 'apigw-requestid': 'x' }, body: '{"message":"Unauthorized"}' }],
    ['an AWS load balancer', { headers: { server: 'awselb/2.0' } }],
    ['CloudFront', { body: 'Generated by cloudfront (CloudFront)' }],
    ['Azure API Management', { headers: { 'www-authenticate': 'AzureApiManagementKey realm="x"' } }],
    ['Azure API Management', { body: 'Access denied due to missing subscription key.' }],
    ['Azure API Management', { body: 'Access denied due to invalid subscription key.' }],
    ['Azure Application Gateway', { headers: { server: 'Microsoft-Azure-Application-Gateway/v2' } }],
    ['Google Cloud API Gateway or Endpoints', { body: "Method doesn't allow unregistered callers" }],
    ['Google Cloud API Gateway or Endpoints', { body: 'The current request is not defined by this API.' }],
    ["Google's Identity-Aware Proxy", { headers: { 'x-goog-iap-generated-response': 'true' } }],
    ['Google Cloud Run', { body: 'Your client does not have permission to get URL <code>/</code>' }],
    ['Kong', { headers: { 'x-kong-response-latency': '1' } }],
    ['Kong', { body: '{"message":"No API key found in request"}' }],
    ['Kong', { body: '{"message":"no Route matched with those values"}' }],
    ['Envoy or Istio', { body: 'RBAC: access denied' }],
    ['Apigee', { body: '{"fault":{"faultstring":"x","detail":{"errorcode":"y"}}}' }],
  ])('knows %s by %j', (name, made) => {
    for (const status of [400, 404, 499]) expect(findGateway(response(status, made))).toBe(name);
    for (const status of [200, 399, 429, 500, 503]) {
      expect(findGateway(response(status, made))).toBeUndefined();
    }
  });

  it.each<Partial<HttpResponse>>([
    {},
    { body: '{"message":"Not Found"}' },
    { headers: { 'apigw-requestid': 'x' } },
    { headers: { 'apigw-requestid': 'x' }, body: 'passed: {"message":"Not Found"}' },
    { headers: { 'apigw-requestid': 'x' }, body: '{"message":"Not Found"} passed' },
    { headers: { server: 'not-awselb/2.0' } },
    { headers: { server: 'my-Microsoft-Azure-Application-Gateway' } },
    { body: 'x RBAC: access denied' },
    { body: '"faultstring"' },
    { body: '"errorcode"' },
  ])('takes what Spacelift may respond for its own: %j', (made) => {
    expect(findGateway(response(404, made))).toBeUndefined();
  });
});

describe('asksForLogin', () => {
  it.each([
    '<input type="password">',
    "<input type='password'>",
    '<input type=password>',
    'Please sign in',
    'Sign-on',
    'Log in',
    'LOGIN',
    'solve this captcha',
    'Just a moment...',
    'Verify that you are human',
    'verify you are human',
  ])('recognises %s', (body) => {
    expect(asksForLogin(response(200, { body }))).toBe(true);
  });

  it.each(['', 'Welcome', 'blogin', 'login2', 'verify'])('does not take %j for a login', (body) => {
    expect(asksForLogin(response(200, { body }))).toBe(false);
  });
});
