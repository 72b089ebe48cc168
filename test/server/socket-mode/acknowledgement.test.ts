import { describe, expect, it } from 'vitest';
import { acknowledge, acknowledgeLate } from '../../../src/server/socket-mode/acknowledgement.ts';
import type { Envelope, EnvelopeType } from '../../../src/server/socket-mode/envelopes.ts';
import { commandPayload, eventPayload, interactionPayloads } from './payloads.ts';

function envelope(type: EnvelopeType, payload: object, acceptsResponsePayload: boolean): Envelope {
  return { id: 'e-1', type, payload: { ...payload }, acceptsResponsePayload, retry: undefined };
}

const command = envelope('slash_commands', commandPayload, true);
const { block_actions, view_submission, block_suggestion, shortcut } = interactionPayloads;
const json = 'application/json; charset=utf-8';
const message = { response_type: 'ephemeral', text: 'Hello', blocks: [] };
const errors = { response_action: 'errors', errors: { b: 'too short' } };

function response(body: string, contentType?: string, status = 200) {
  return { status, contentType, body };
}

describe('acknowledge', () => {
  it('does not acknowledge what failed, so that Slack sends it again', () => {
    const event = envelope('events_api', eventPayload, false);
    expect(acknowledge(event, response('{"error":"store_unavailable"}', json, 503))).toEqual({
      kind: 'none',
    });
    expect(acknowledge(command, response('', undefined, 500))).toEqual({ kind: 'none' });
  });

  it('acknowledges what was rejected for good, without the response', () => {
    expect(acknowledge(command, response('{"error":"malformed_request"}', json, 400))).toEqual({
      kind: 'empty',
    });
  });

  it('reads nothing but the status of the response to an event', () => {
    const event = envelope('events_api', eventPayload, true);
    expect(acknowledge(event, response(JSON.stringify(message), json))).toEqual({ kind: 'empty' });
  });

  it.each([
    ['a text', response('Hello'), { text: 'Hello' }],
    ['a text that looks like JSON', response('{"text":"Hello"}', 'text/plain'), { text: '{"text":"Hello"}' }],
    ['JSON', response(JSON.stringify(message), json), message],
    ['JSON with another case', response(JSON.stringify(message), 'Application/JSON'), message],
  ])('puts %s from a command into the payload', (_, received, payload) => {
    expect(acknowledge(command, received)).toEqual({ kind: 'payload', payload });
  });

  it.each([
    ['view errors', view_submission, errors],
    ['options', block_suggestion, { options: [] }],
    ['a message', block_actions, message],
  ])('puts %s from an interaction into the payload, whatever the content type', (_, payload, body) => {
    const received = response(JSON.stringify(body), 'text/plain');
    expect(acknowledge(envelope('interactive', payload, true), received)).toEqual({
      kind: 'payload',
      payload: body,
    });
  });

  it.each(['', ' \n'])('acknowledges an empty response without a payload: %j', (body) => {
    expect(acknowledge(command, response(body, json))).toEqual({ kind: 'empty' });
  });

  it('ignores a text that responds to a button, as Slack does over HTTP', () => {
    expect(acknowledge(envelope('interactive', block_actions, true), response('OK'))).toEqual({
      kind: 'empty',
    });
    expect(acknowledge(envelope('interactive', shortcut, true), response('OK'))).toEqual({ kind: 'empty' });
  });

  it('reports what Slack cannot read: a text for a view, and invalid JSON', () => {
    expect(acknowledge(envelope('interactive', view_submission, true), response('OK'))).toEqual({
      kind: 'undeliverable',
    });
    expect(acknowledge(command, response('{"text":', json))).toEqual({ kind: 'undeliverable' });
    expect(acknowledge(command, response('["Hello"]', json))).toEqual({ kind: 'undeliverable' });
  });

  it('sends a message to the response_url where no payload is accepted', () => {
    const closed = envelope('slash_commands', commandPayload, false);
    expect(acknowledge(closed, response('Hello'))).toEqual({
      kind: 'message',
      responseUrl: commandPayload.response_url,
      message: { text: 'Hello' },
    });
    const button = envelope('interactive', block_actions, false);
    expect(acknowledge(button, response(JSON.stringify(message), json))).toEqual({
      kind: 'message',
      responseUrl: block_actions.response_url,
      message: { replace_original: false, ...message },
    });
    const replacing = { ...message, replace_original: true };
    expect(acknowledge(button, response(JSON.stringify(replacing), json))).toMatchObject({
      message: replacing,
    });
  });

  it('reports what neither a payload nor a response_url can carry', () => {
    const view = envelope('interactive', view_submission, false);
    expect(acknowledge(view, response(JSON.stringify(errors), json))).toEqual({ kind: 'undeliverable' });
    const global = envelope('interactive', shortcut, false);
    expect(acknowledge(global, response(JSON.stringify(message), json))).toEqual({ kind: 'undeliverable' });
  });
});

describe('acknowledgeLate', () => {
  it('sends a message to the response_url after the connection has ended', () => {
    expect(acknowledgeLate(command, { kind: 'payload', payload: message })).toMatchObject({
      kind: 'message',
      message,
    });
    expect(acknowledgeLate(command, { kind: 'empty' })).toEqual({ kind: 'empty' });
  });
});
