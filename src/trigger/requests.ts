import { isObject } from '../json-value.ts';
import { sign } from '../slack/signature.ts';
import { slackUserAgent } from '../slack/user-agent.ts';

/** The kinds of requests that Slack sends to an endpoint and `trigger` can imitate. */
export const requestKinds = [
  'url-verification',
  'slash-command',
  'block-actions',
  'event',
  'app-uninstalled',
  'ssl-check',
] as const;

export type RequestKind = (typeof requestKinds)[number];

export interface RequestValues {
  readonly nowSeconds: number;
  /** At least 24 lowercase hexadecimal digits, new for each request; ids and the challenge are derived from it. */
  readonly nonce: string;
  /** What follows the slash command's name. */
  readonly text?: string | undefined;
  /** A JSON object with fields to change, or a whole body. */
  readonly data?: Uint8Array | undefined;
}

export interface ImitatedRequest {
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded';
  readonly body: Uint8Array;
  /** What the response to a url_verification must return. */
  readonly challenge?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const team = { id: 'T0TRIGGER00', domain: 'spacelift-slack-trigger' };
const user = { id: 'U0TRIGGER00', name: 'spacelift-slack' };
const channel = { id: 'C0TRIGGER00', name: 'spacelift-slack-trigger' };
const app = 'A0TRIGGER00';
/** Slack's deprecated verification token; an endpoint that still checks it can tell that this one is not real. */
const token = 'spacelift-slack-trigger';

/**
 * Builds a request as Slack would send it (Slack: Events API, Implementing slash commands, Handling user
 * interaction). Its ids belong to no workspace.
 *
 * If `data` is a JSON object, its keys replace fields: of the form for a command, of the payload for an interaction,
 * of the body for an event. If it has a `type`, or is not a JSON object, it is the whole payload or body and sent
 * unchanged.
 */
export function buildRequest(kind: RequestKind, values: RequestValues): ImitatedRequest {
  const given = values.data && parseObject(values.data);
  if (values.data && !given) return whole(kind, values.data);
  const fields = given ?? {};
  switch (kind) {
    case 'url-verification':
      return json(kind, values, { token, challenge: values.nonce, type: 'url_verification' }, fields);
    case 'event':
      return json(
        kind,
        values,
        envelope(values, { type: 'app_home_opened', user: user.id, tab: 'home' }),
        fields,
      );
    case 'app-uninstalled':
      return json(kind, values, envelope(values, { type: 'app_uninstalled' }), fields);
    case 'block-actions':
      return form({ payload: payload(values, fields) });
    case 'slash-command':
      return form({ ...slashCommand(values), ...fields });
    case 'ssl-check':
      return form({ ssl_check: '1', token, ...fields });
  }
}

export interface Signing {
  readonly secret: string;
  /** The value of `X-Slack-Request-Timestamp`. */
  readonly timestamp: string;
  /** 1 to 3, the number that Slack gives to a retry of an event. */
  readonly retry?: number | undefined;
}

/** The headers of a request, including its signature. */
export function requestHeaders(
  request: ImitatedRequest,
  { secret, timestamp, retry }: Signing,
): Record<string, string> {
  return {
    'User-Agent': slackUserAgent,
    Accept: 'application/json,*/*',
    'Content-Type': request.contentType,
    'Content-Length': String(request.body.byteLength),
    'X-Slack-Request-Timestamp': timestamp,
    'X-Slack-Signature': sign(secret, timestamp, request.body),
    ...(retry === undefined
      ? {}
      : { 'X-Slack-Retry-Num': String(retry), 'X-Slack-Retry-Reason': 'http_timeout' }),
  };
}

function slashCommand({ nonce, text }: RequestValues): Fields {
  return {
    token,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command: '/spacelift',
    text: text ?? 'help',
    api_app_id: app,
    is_enterprise_install: 'false',
    response_url: `https://hooks.slack.com/commands/${team.id}/${nonce.slice(0, 12)}/${nonce}`,
    trigger_id: `${nonce.slice(0, 12)}.${team.id}.${nonce}`,
  };
}

function payload({ nowSeconds, nonce, data }: RequestValues, fields: Fields): string {
  if (data && 'type' in fields) return Buffer.from(data).toString('utf8');
  const sentAt = `${nowSeconds}.000100`;
  return JSON.stringify({
    type: 'block_actions',
    user: { ...user, username: user.name, team_id: team.id },
    api_app_id: app,
    token,
    container: { type: 'message', message_ts: sentAt, channel_id: channel.id, is_ephemeral: false },
    trigger_id: `${nonce.slice(0, 12)}.${team.id}.${nonce}`,
    team,
    enterprise: null,
    is_enterprise_install: false,
    channel,
    message: { type: 'message', text: 'spacelift-slack trigger', ts: sentAt },
    response_url: `https://hooks.slack.com/actions/${team.id}/${nonce.slice(0, 12)}/${nonce}`,
    actions: [
      {
        type: 'button',
        action_id: 'spacelift-slack-trigger',
        block_id: 'spacelift-slack-trigger',
        text: { type: 'plain_text', text: 'Trigger' },
        value: 'trigger',
        action_ts: sentAt,
      },
    ],
    ...fields,
  });
}

function envelope({ nowSeconds, nonce }: RequestValues, event: Fields): Fields {
  return {
    token,
    team_id: team.id,
    api_app_id: app,
    event: { ...event, event_ts: `${nowSeconds}.000100` },
    type: 'event_callback',
    event_id: `Ev${nonce.slice(0, 10).toUpperCase()}`,
    event_time: nowSeconds,
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: user.id, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
    context_team_id: team.id,
    context_enterprise_id: null,
  };
}

function json(kind: RequestKind, { data }: RequestValues, defaults: Fields, fields: Fields): ImitatedRequest {
  if (data && 'type' in fields) return whole(kind, data);
  return whole(kind, Buffer.from(JSON.stringify({ ...defaults, ...fields })));
}

/** Whether data is a JSON object with fields to change, and not a whole body. */
export function holdsFields(data: Uint8Array): boolean {
  return parseObject(data) !== undefined;
}

/** Why data does not look like a body of its kind, which may be intended or a mistake; undefined if it does. */
export function dataProblem(kind: RequestKind, data: Uint8Array): string | undefined {
  if (holdsFields(data)) return undefined;
  if (!isSentAsForm(kind)) return 'is not a JSON object';
  return /^[\w.%+-]+=/.test(Buffer.from(data).toString('utf8'))
    ? undefined
    : 'is neither a JSON object nor a form';
}

/** A body as given, with the media type of its kind. */
function whole(kind: RequestKind, body: Uint8Array): ImitatedRequest {
  if (isSentAsForm(kind)) {
    return { contentType: 'application/x-www-form-urlencoded', body };
  }
  const challenge = kind === 'url-verification' ? parseObject(body)?.['challenge'] : undefined;
  return { contentType: 'application/json', body, ...(typeof challenge === 'string' ? { challenge } : {}) };
}

function isSentAsForm(kind: RequestKind): boolean {
  return kind === 'slash-command' || kind === 'block-actions' || kind === 'ssl-check';
}

function form(fields: Fields): ImitatedRequest {
  const pairs = Object.entries(fields).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const body = Buffer.from(new URLSearchParams(pairs).toString());
  return { contentType: 'application/x-www-form-urlencoded', body };
}

function parseObject(data: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
