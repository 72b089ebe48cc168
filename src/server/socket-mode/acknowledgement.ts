import { type Fields, fields, text } from '../fields.ts';
import type { Envelope } from './envelopes.ts';

/** The response to a rebuilt request. */
export interface HandlerResponse {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** How an envelope is acknowledged. */
export type Acknowledgement =
  /** Not at all: Slack sends the event again. */
  | { readonly kind: 'none' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'payload'; readonly payload: Fields }
  /** Empty, and what a person must read goes to a `response_url`. */
  | { readonly kind: 'message'; readonly responseUrl: string; readonly message: Fields }
  /** Empty, although the response holds something: Slack accepts no payload here, or cannot read this one. */
  | { readonly kind: 'undeliverable' };

const empty = { kind: 'empty' } as const;
const undeliverable = { kind: 'undeliverable' } as const;
/** Interactions whose response Slack reads. Of others, such as a button, it shows nothing over HTTP either. */
const readResponses = new Set<unknown>(['view_submission', 'block_suggestion', 'dialog_submission']);

/**
 * The acknowledgement that has the effect of an HTTP response (Slack: Using Socket Mode, Handling user interaction).
 *
 * A plain text is a message where it responds to a command. Of a response to an interaction Slack reads only JSON, and of
 * one to an event only the status.
 */
export function acknowledge(envelope: Envelope, response: HandlerResponse): Acknowledgement {
  const { status, contentType = '', body } = response;
  if (status >= 500) return { kind: 'none' };
  const { type, payload, acceptsResponsePayload } = envelope;
  if (type === 'events_api' || status >= 300 || body.trim() === '') return empty;
  const isJson = type === 'interactive' || /^application\/json\b/i.test(contentType);
  const content = isJson ? parseObject(body) : { text: body };
  if (content === undefined) {
    return type === 'interactive' && !readResponses.has(payload['type']) ? empty : undeliverable;
  }
  return acceptsResponsePayload ? { kind: 'payload', payload: content } : sendLater(envelope, content);
}

/** The same where the connection has ended before it could be sent: a message still reaches its person. */
export function acknowledgeLate(envelope: Envelope, acknowledgement: Acknowledgement): Acknowledgement {
  return acknowledgement.kind === 'payload' ? sendLater(envelope, acknowledgement.payload) : acknowledgement;
}

function sendLater({ type, payload }: Envelope, content: Fields): Acknowledgement {
  const responseUrl = text(payload['response_url']);
  const isMessage = ['text', 'blocks', 'attachments'].some((key) => content[key] !== undefined);
  if (responseUrl === undefined || !isMessage) return undeliverable;
  // Otherwise a message from a button could take the place of the button's own.
  const message = type === 'interactive' ? { replace_original: false, ...content } : content;
  return { kind: 'message', responseUrl, message };
}

function parseObject(json: string): Fields | undefined {
  try {
    return fields(JSON.parse(json));
  } catch {
    return undefined;
  }
}
