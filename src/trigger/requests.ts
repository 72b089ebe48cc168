import { isObject } from '../json-value.ts';
import { sign } from '../slack/signature.ts';
import { slackUserAgent } from '../slack/user-agent.ts';

/** What Slack sends to a webhook, as kinds that can be imitated. */
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
  /** Lowercase hexadecimal, at least 24 digits, new for each request: ids and the challenge are made of it. */
  readonly nonce: string;
  /** What follows the slash command's name. */
  readonly text?: string | undefined;
  /** A JSON object with fields to change, or else the body itself. */
  readonly data?: Uint8Array | undefined;
}

export interface SlackRequest {
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded';
  readonly body: Uint8Array;
  /** What a url_verification must be answered with. */
  readonly challenge?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const team = { id: 'T0TRIGGER00', domain: 'spacelift-slack-trigger' };
const user = { id: 'U0TRIGGER00', name: 'spacelift-slack' };
const channel = { id: 'C0TRIGGER00', name: 'spacelift-slack-trigger' };
const app = 'A0TRIGGER00';
/** Slack's deprecated verification token; whoever still checks it must see that this is no real one. */
const token = 'spacelift-slack-trigger';

/**
 * A request of the given kind as Slack would make it (Slack: Events API, Implementing slash commands, Handling
 * user interaction), with ids that belong to no workspace.
 *
 * `data` that is a JSON object goes over the fields: the form of a command, the payload of an interaction, the body
 * of an event. Where it holds a `type`, it is the whole payload or body and sent to the byte, and so is whatever is
 * no JSON object.
 */
export function buildRequest(kind: RequestKind, values: RequestValues): SlackRequest {
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
  /** The text of the timestamp's header. */
  readonly timestamp: string;
  /** 1 to 3, as Slack counts the repetitions of an event. */
  readonly retry?: number | undefined;
}

/** The headers that go with a request, its signature among them. */
export function requestHeaders(
  request: SlackRequest,
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

function json(kind: RequestKind, { data }: RequestValues, defaults: Fields, fields: Fields): SlackRequest {
  if (data && 'type' in fields) return whole(kind, data);
  return whole(kind, Buffer.from(JSON.stringify({ ...defaults, ...fields })));
}

/** Whether data holds fields to change, and not a body to be sent as it is. */
export function holdsFields(data: Uint8Array): boolean {
  return parseObject(data) !== undefined;
}

/** What is wrong with data that is no body of its kind: it may be meant, and may be a slip. */
export function oddityOf(kind: RequestKind, data: Uint8Array): string | undefined {
  if (holdsFields(data)) return undefined;
  if (!takesForm(kind)) return 'is no JSON object';
  return /^[\w.%+-]+=/.test(Buffer.from(data).toString('utf8'))
    ? undefined
    : 'is neither a JSON object nor a form';
}

/** A body as it is, with the media type of its kind. */
function whole(kind: RequestKind, body: Uint8Array): SlackRequest {
  if (takesForm(kind)) {
    return { contentType: 'application/x-www-form-urlencoded', body };
  }
  const challenge = kind === 'url-verification' ? parseObject(body)?.['challenge'] : undefined;
  return { contentType: 'application/json', body, ...(typeof challenge === 'string' ? { challenge } : {}) };
}

function takesForm(kind: RequestKind): boolean {
  return kind === 'slash-command' || kind === 'block-actions' || kind === 'ssl-check';
}

function form(fields: Fields): SlackRequest {
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
