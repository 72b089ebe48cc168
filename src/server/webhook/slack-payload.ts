import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { EndedInstallation } from '../../store/installations.ts';
import { type Fields, fields, identifier, text } from '../fields.ts';
import { readFormFields } from './form-fields.ts';

/** What Slack sends to a request URL, after its signature was verified. */
export type SlackPayload =
  | { readonly kind: 'ssl-check' }
  | { readonly kind: 'url-verification'; readonly challenge: string }
  | ({ readonly kind: 'event' } & EventCallback)
  | ({ readonly kind: 'command' } & SlashCommand)
  | ({ readonly kind: 'interaction' } & Interaction)
  /** Well-formed, but of an unknown type, such as one that Slack adds later. */
  | { readonly kind: 'other'; readonly type: string; readonly teamId: string | undefined };

/** An event (Slack: Events API, callback). */
interface EventCallback {
  /** Slack's `event_id`, or a digest of the body if there is no usable one. */
  readonly eventId: string;
  readonly type: string;
  readonly teamId: string | undefined;
  readonly enterpriseId: string | undefined;
  /** The installation that the event ends. */
  readonly ends: EndedInstallation | undefined;
}

/** A slash command (Slack: Implementing slash commands). */
interface SlashCommand {
  /** With its slash, as the manifest names it. */
  readonly command: string;
  readonly teamId: string | undefined;
  readonly userId: string | undefined;
}

/** A button, a shortcut, a modal (Slack: Handling user interaction). */
interface Interaction {
  readonly type: string;
  readonly teamId: string | undefined;
  readonly userId: string | undefined;
  readonly actionIds: readonly string[];
  /** The first input of the submitted modal, by its `block_id`. */
  readonly firstInputBlockId: string | undefined;
  /** Where to send messages for the person. Anyone who knows it can write there, so it must not be logged. */
  readonly responseUrl: string | undefined;
}

/** A payload of one kind. */
export type PayloadOf<Kind extends SlackPayload['kind']> = Extract<SlackPayload, { kind: Kind }>;

export type ReadPayload =
  | { readonly ok: true; readonly payload: SlackPayload }
  | { readonly ok: false; readonly status: 400 | 415; readonly reason: string };

/**
 * Reads what Slack sent: a form or JSON, by its media type.
 *
 * @param contentTypes every value of `Content-Type`; exactly one is valid
 * @param body the verified bytes
 */
export function readSlackPayload(contentTypes: readonly string[], body: Buffer): ReadPayload {
  if (contentTypes.length > 1) return { ok: false, status: 415, reason: 'two Content-Type headers' };
  const mediaType = readMediaType(contentTypes[0] ?? '');
  const form = mediaType === 'application/x-www-form-urlencoded';
  if (!form && mediaType !== 'application/json') {
    return { ok: false, status: 415, reason: 'the media type is neither a form nor JSON' };
  }
  if (!isUtf8(body)) return malformed('the body is not UTF-8');
  if (!form) return readJson(body);
  // Slack's forms never begin with it. The signature does not cover the media type, so this can be signed JSON that
  // somebody replays as a form.
  if (body[0] === openingBrace) return malformed('JSON declared as a form');
  return readForm(body.toString());
}

const openingBrace = '{'.charCodeAt(0);

/** The media type of a `Content-Type`, without its parameters (RFC 9110, 8.3.1). */
function readMediaType(contentType: string): string {
  const semicolon = contentType.indexOf(';');
  const type = semicolon === -1 ? contentType : contentType.slice(0, semicolon);
  return type.trim().toLowerCase();
}

function malformed(reason: string): ReadPayload {
  return { ok: false, status: 400, reason };
}

function readForm(body: string): ReadPayload {
  const form = readFormFields(body);
  for (const name of ['ssl_check', 'command', 'payload']) {
    if (form.getAll(name).length > 1) return malformed(`the field ${name} is repeated`);
  }
  // All other fields of a certificate check are ignored.
  if (form.get('ssl_check') === '1') return { ok: true, payload: { kind: 'ssl-check' } };

  const payload = form.get('payload');
  const command = form.get('command');
  if (payload !== null) {
    if (command !== null) return malformed('both a command and a payload');
    return readInteraction(payload);
  }
  const teamId = identifier(form.get('team_id'));
  if (command === null) return { ok: true, payload: { kind: 'other', type: 'form', teamId } };
  return {
    ok: true,
    payload: {
      kind: 'command',
      command,
      teamId,
      userId: identifier(form.get('user_id')),
    },
  };
}

function readInteraction(payload: string): ReadPayload {
  const interaction = parseObject(payload);
  if (!interaction) return malformed('the payload is not a JSON object');
  const actions = Array.isArray(interaction['actions']) ? interaction['actions'] : [];
  return {
    ok: true,
    payload: {
      kind: 'interaction',
      type: identifier(interaction['type']) ?? 'unknown',
      teamId: identifier(fields(interaction['team'])?.['id'] ?? fields(interaction['enterprise'])?.['id']),
      userId: identifier(fields(interaction['user'])?.['id']),
      actionIds: actions.flatMap((action) => identifier(fields(action)?.['action_id']) ?? []),
      firstInputBlockId: findFirstInput(fields(interaction['view'])?.['blocks']),
      responseUrl: text(interaction['response_url']),
    },
  };
}

/** The last second that a date of JavaScript's can have. */
const latestSecond = 8_640_000_000_000;

function findFirstInput(blocks: unknown): string | undefined {
  const all: readonly unknown[] = Array.isArray(blocks) ? blocks : [];
  const input = all.map(fields).find((block) => block?.['type'] === 'input');
  return text(input?.['block_id']);
}

function readJson(body: Buffer): ReadPayload {
  const envelope = parseObject(body.toString());
  if (!envelope) return malformed('the body is not a JSON object');
  const type = identifier(envelope['type']) ?? 'unknown';
  if (type === 'url_verification') {
    const challenge = text(envelope['challenge']);
    if (challenge === undefined) return malformed('no challenge');
    return { ok: true, payload: { kind: 'url-verification', challenge } };
  }
  if (type === 'event_callback') return { ok: true, payload: readEvent(envelope, body) };
  return { ok: true, payload: { kind: 'other', type, teamId: identifier(envelope['team_id']) } };
}

function readEvent(envelope: Fields, body: Buffer): SlackPayload {
  const event = fields(envelope['event']);
  const authorizations = envelope['authorizations'];
  const authorization = Array.isArray(authorizations) ? fields(authorizations[0]) : undefined;
  const teamId = identifier(envelope['team_id']) ?? identifier(authorization?.['team_id']);
  const enterpriseId = identifier(
    authorization?.['enterprise_id'] ?? envelope['enterprise_id'] ?? envelope['context_enterprise_id'],
  );
  const orgWide = authorization?.['is_enterprise_install'];
  // When the event happened, in seconds. It may arrive late, or repeatedly.
  const time = envelope['event_time'];
  const ends = endsInstallation(event)
    ? {
        ...(isTime(time) ? { endedAt: time * 1000 } : {}),
        ...(teamId === undefined ? {} : { teamId }),
        ...(enterpriseId === undefined ? {} : { enterpriseId }),
        ...(typeof orgWide === 'boolean' ? { orgWide } : {}),
      }
    : undefined;
  return {
    kind: 'event',
    eventId: identifier(envelope['event_id']) ?? `sha256:${createHash('sha256').update(body).digest('hex')}`,
    type: identifier(event?.['type']) ?? 'unknown',
    teamId,
    enterpriseId,
    ends,
  };
}

/** Whether it is a time in seconds since the epoch: PostgreSQL rejects what is no whole number of milliseconds. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= latestSecond;
}

/** `tokens_revoked` lists user ids. If it lists only users, and not the bot, the bot token is still valid. */
function endsInstallation(event: Fields | undefined): boolean {
  if (event?.['type'] === 'app_uninstalled') return true;
  if (event?.['type'] !== 'tokens_revoked') return false;
  const tokens = fields(event['tokens']);
  const count = (list: unknown) => (Array.isArray(list) ? list.length : 0);
  return count(tokens?.['bot']) > 0 || count(tokens?.['oauth']) === 0;
}

function parseObject(json: string): Fields | undefined {
  try {
    return fields(JSON.parse(json));
  } catch {
    return undefined;
  }
}
