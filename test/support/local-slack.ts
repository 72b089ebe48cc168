import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Identity } from './certificate-authority.ts';
import { type Authorization, type Method, Workspace } from './local-slack/workspace.ts';

/** What happens to one call instead of, or around, the usual response. */
export type Step =
  /** HTTP 200 with `ok: false`, without any effect. */
  | { readonly refuse: string; readonly more?: object }
  /** HTTP 200 with this JSON, without any effect. */
  | { readonly answer: object }
  /** Any other status or body, without any effect. */
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** HTTP 429 with `Retry-After` in seconds. */
  | { readonly rateLimited: number }
  /** The usual response, once this resolves. */
  | { readonly after: () => Promise<unknown> }
  /** No response at all. */
  | { readonly hang: true }
  /** The connection breaks before the call takes effect, after it, or in the middle of the response. */
  | { readonly cut: 'before' | 'after' | 'middle' };

export interface LocalSlackOptions {
  /** Steps for the first calls of a method, in order; after them the method works as usual. */
  readonly steps?: Readonly<Record<string, readonly Step[]>>;
  /** The window of Slack's rate limits, in milliseconds. Without it, none is enforced. */
  readonly minute?: number;
  /** With it, Slack speaks TLS and is called `slack.test`, and its WebSockets `wss.slack.test`: for a proxy. */
  readonly identity?: Identity;
  /** Concurrent tests pass the hook of their own context. */
  readonly onFinished?: typeof onTestFinished;
}

interface SlackRequest {
  readonly method: string;
  readonly form: Readonly<Record<string, string>>;
  readonly authorization: Authorization;
}

interface ResponseMessage {
  readonly url: string;
  readonly message: unknown;
}

export interface LocalSlack {
  /** For `--slack-api-url`. */
  readonly url: string;
  readonly port: number;
  /** Apps, tokens and codes: what Slack knows. */
  readonly workspace: Workspace;
  /** Every call so far, in order. */
  readonly requests: readonly SlackRequest[];
  /** Every message that was posted to a `response_url`. */
  readonly responseMessages: readonly ResponseMessage[];
  /**
   * Requests that Slack would reject, ignore in part, or warn about. A test fails if any are left at its end; a test
   * that causes one on purpose removes it.
   */
  readonly problems: string[];
  /** The calls of one method. */
  calls(method: string): readonly SlackRequest[];
  /** Adds steps for the next calls of a method. */
  next(method: string, ...steps: readonly Step[]): void;
  close(): Promise<void>;
}

/**
 * Slack's Web API on 127.0.0.1, for one test: the methods that the program calls, with Slack's response formats and
 * strict about requests. It closes when the test ends, and makes the test fail if a request was wrong.
 */
export async function localSlack(options: LocalSlackOptions = {}): Promise<LocalSlack> {
  const requests: SlackRequest[] = [];
  const problems: string[] = [];
  const workspace = new Workspace((problem) => problems.push(problem));
  const responseMessages: ResponseMessage[] = [];
  const steps = new Map(Object.entries(options.steps ?? {}).map(([method, list]) => [method, [...list]]));
  const windows = new Map<string, { readonly until: number; count: number }>();

  /** Seconds until the method may be called again, if its rate limit is reached. */
  const mustWait = (name: string, method: Method): number | undefined => {
    if (options.minute === undefined) return undefined;
    const now = Date.now();
    const open = windows.get(name);
    const window = open && open.until > now ? open : { until: now + options.minute, count: 0 };
    windows.set(name, window);
    window.count += 1;
    return window.count > method.perMinute ? Math.ceil((window.until - now) / 1000) : undefined;
  };

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((error: unknown) => {
      problems.push(`the local Slack failed: ${String(error)}`);
      response.destroy();
    });
  };
  const { identity } = options;
  const server = identity
    ? createTlsServer({ key: identity.key, cert: identity.fullChain }, listener)
    : createServer(listener);
  server.on('upgrade', (request, socket, head) => workspace.socketMode.upgrade(request, socket, head));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (/^\/(?:commands|actions)\//.test(request.url ?? '')) return takeMessage(request, response, body);
    // The host of the WebSockets, looked at without a ticket.
    if (request.method === 'GET' && request.url === '/') return void response.writeHead(426).end();
    const name = /^\/api\/([\w.]+)$/.exec(request.url ?? '')?.[1] ?? '';
    const method = workspace.methods[name];
    if (!method) {
      problems.push(`${request.method} ${request.url} is no method of Slack's`);
      return send(response, { ok: false, error: 'unknown_method' });
    }
    const read = readRequest(method, request, body);
    problems.push(...read.problems.map((problem) => `${name}: ${problem}`));
    requests.push({ method: name, form: read.form, authorization: read.authorization });

    const step = steps.get(name)?.shift();
    if (step && (await interfere(step, response))) return;
    const seconds = mustWait(name, method);
    if (seconds !== undefined) return rateLimit(response, seconds);
    if (read.refusal !== undefined) return send(response, { ok: false, error: read.refusal });
    const answer =
      workspace.refusal(method.auth, read.authorization) ?? method.call(read.form, read.authorization);
    if (step && 'cut' in step)
      return cut(response, step.cut === 'middle' ? JSON.stringify(answer) : undefined);
    const scope = workspace.botTokens.get(read.authorization.bearer ?? '')?.scope;
    send(response, answer, scope === undefined ? {} : { 'X-OAuth-Scopes': scope });
  }

  /** A message to a `response_url`: up to five of them (Slack: Handling user interaction). */
  function takeMessage(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = `${slack.url}${request.url}`;
    if (!request.headers['content-type']?.startsWith('application/json')) {
      problems.push('a response_url message that is not sent as JSON');
    }
    responseMessages.push({ url, message: JSON.parse(body) });
    if (responseMessages.filter((other) => other.url === url).length > 5) {
      problems.push('more than five messages to one response_url');
    }
    response.end('ok');
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the local Slack has no port');

  const { port } = address;
  workspace.socketMode.origin = identity ? `wss://wss.slack.test:${port}` : `ws://127.0.0.1:${port}`;
  const slack: LocalSlack = {
    url: identity ? `https://slack.test:${port}` : `http://127.0.0.1:${port}`,
    port,
    workspace,
    requests,
    responseMessages,
    problems,
    calls: (method) => requests.filter((request) => request.method === method),
    next: (method, ...more) => steps.set(method, [...(steps.get(method) ?? []), ...more]),
    close: () =>
      new Promise((resolve) => {
        workspace.socketMode.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  (options.onFinished ?? onTestFinished)(async () => {
    await slack.close();
    if (problems.length > 0) throw new Error(`Slack was called wrongly:\n${problems.join('\n')}`);
  });
  return slack;
}

interface ReadRequest extends Omit<SlackRequest, 'method'> {
  readonly problems: readonly string[];
  /** The error that Slack responds with. */
  readonly refusal: string | undefined;
}

/** Reads a call strictly: whatever Slack rejects, ignores or warns about is a problem. */
function readRequest(method: Method, request: IncomingMessage, body: string): ReadRequest {
  const problems: string[] = [];
  let refusal: string | undefined;
  const refuse = (error: string, problem: string) => {
    problems.push(problem);
    refusal ??= error;
  };

  if (request.method !== 'POST') refuse('invalid_post_type', `called with ${request.method}`);
  const type = request.headers['content-type'];
  if (type === undefined) refuse('missing_post_type', 'no content type');
  else if (type === 'application/x-www-form-urlencoded; charset=utf-8') {
    problems.push('a charset beside a form, which Slack warns about');
  } else if (type !== 'application/x-www-form-urlencoded') refuse('invalid_post_type', `sent as ${type}`);

  const parameters = new URLSearchParams(body);
  const form: Record<string, string> = Object.fromEntries(parameters);
  const names = [...parameters.keys()];
  const known = [...method.required, ...(Array.isArray(method.optional) ? method.optional : [])];
  for (const key of new Set(names)) {
    if (names.filter((other) => other === key).length > 1) problems.push(`the argument ${key} twice`);
    if (method.optional !== 'any' && !known.includes(key))
      refuse('invalid_arguments', `an unknown argument ${key}`);
  }
  for (const key of method.required) {
    if (!form[key]) refuse('invalid_arguments', `no argument ${key}`);
  }
  if (form['manifest'] !== undefined) {
    const problem = manifestProblem(form['manifest']);
    if (problem) refuse('invalid_manifest', problem);
  }

  const authorization = readAuthorization(request.headers.authorization);
  const scheme = authorization.basic ? 'Basic' : authorization.bearer === undefined ? 'no' : 'Bearer';
  const wanted = {
    'config-token': 'Bearer',
    'bot-token': 'Bearer',
    'app-token': 'Bearer',
    basic: 'Basic',
    none: 'no',
  }[method.auth];
  if (scheme !== wanted) {
    refuse(scheme === 'no' ? 'not_authed' : 'invalid_auth', `${scheme} authorization, where ${wanted} fits`);
  }
  return { form, authorization, problems, refusal };
}

function manifestProblem(manifest: string): string | undefined {
  try {
    const document: unknown = JSON.parse(manifest);
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      return 'a manifest that is no JSON object';
    }
    return '$schema' in document ? 'a manifest with $schema, which is for editors' : undefined;
  } catch {
    return 'a manifest that is no JSON';
  }
}

function readAuthorization(header: string | undefined): Authorization {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) (.+)$/.exec(header ?? '') ?? [];
  if (scheme === 'Bearer') return { bearer: value };
  if (scheme === '') return {};
  // RFC 7617; Slack's ids and secrets hold no character that the form encoding of RFC 6749, 2.3.1 would change.
  const [user = '', ...rest] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return { basic: { user, password: rest.join(':') } };
}

/** Carries out a step. @returns whether the response was sent */
async function interfere(step: Step, response: ServerResponse): Promise<boolean> {
  if ('refuse' in step) send(response, { ok: false, error: step.refuse, ...step.more });
  else if ('answer' in step) send(response, step.answer);
  else if ('status' in step) response.writeHead(step.status, step.headers).end(step.body ?? '');
  else if ('rateLimited' in step) rateLimit(response, step.rateLimited);
  else if ('after' in step) {
    await step.after();
    return false;
  } else if ('cut' in step && step.cut === 'before') cut(response);
  else return 'hang' in step;
  return true;
}

function send(
  response: ServerResponse,
  answer: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(answer));
}

function rateLimit(response: ServerResponse, seconds: number): void {
  response.writeHead(429, { 'Content-Type': 'application/json', 'Retry-After': String(seconds) });
  response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
}

function cut(response: ServerResponse, answer?: string): void {
  if (answer === undefined) {
    response.destroy();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length });
  response.write(answer.slice(0, answer.length / 2), () => response.destroy());
}
