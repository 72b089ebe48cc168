import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Envelope,
  type EnvelopeType,
  readSocketMessage,
  rebuildRequest,
} from '../../../src/server/socket-mode/envelopes.ts';
import { signingKey, verify } from '../../../src/slack/signature.ts';
import { commandPayload, eventPayload, interactionPayloads } from './payloads.ts';

const key = signingKey('8f742231b10e8888abcd99yyyzzz85a5');
const now = 1_700_000_000;

function envelope(type: EnvelopeType, payload: object, more: object = {}): Envelope {
  const text = JSON.stringify({ envelope_id: 'e-1', type, payload, ...more });
  const message = readSocketMessage(text);
  if (message.kind !== 'envelope') throw new Error(`not an envelope: ${text}`);
  return message.envelope;
}

function rebuild(type: EnvelopeType, payload: object, more: object = {}) {
  const { headers, body } = rebuildRequest(envelope(type, payload, more), key, now);
  const all = new Map<string, string>();
  for (let index = 0; index < headers.length; index += 2) {
    all.set(headers[index] ?? '', headers[index + 1] ?? '');
  }
  return { headers: all, body: body.toString() };
}

describe('readSocketMessage', () => {
  it('reads the number of connections from hello', () => {
    expect(readSocketMessage('{"type":"hello","num_connections":3}')).toEqual({
      kind: 'hello',
      connections: 3,
    });
    expect(readSocketMessage('{"type":"hello","num_connections":"3"}')).toEqual({
      kind: 'hello',
      connections: undefined,
    });
  });

  it('reads the reason of a disconnect message', () => {
    expect(readSocketMessage('{"type":"disconnect","reason":"warning"}')).toEqual({
      kind: 'disconnect',
      reason: 'warning',
    });
    expect(readSocketMessage('{"type":"disconnect"}')).toMatchObject({ reason: 'no reason given' });
  });

  it('reads an envelope, and a retry only where the attempt is above 0', () => {
    const first = envelope('events_api', eventPayload, { retry_attempt: 0, retry_reason: '' });
    expect(first).toMatchObject({ id: 'e-1', acceptsResponsePayload: false, retry: undefined });
    const more = { retry_attempt: 2, retry_reason: 'timeout', accepts_response_payload: true };
    expect(envelope('slash_commands', commandPayload, more)).toMatchObject({
      acceptsResponsePayload: true,
      retry: { attempt: 2, reason: 'timeout' },
    });
  });

  it.each([
    ['text that is not JSON', '{"type":', undefined, 'not a JSON object'],
    ['an array', '[]', undefined, 'not a JSON object'],
    ['null', 'null', undefined, 'not a JSON object'],
    ['an unknown type', '{"type":"workflow_steps","envelope_id":"e-1","payload":{}}', 'e-1', 'unknown type'],
    ['no type', '{"envelope_id":"e-1"}', 'e-1', 'unknown type'],
    ['no payload', '{"type":"events_api","envelope_id":"e-1"}', 'e-1', 'no payload object'],
    [
      'a payload that is text',
      '{"type":"events_api","envelope_id":"e-1","payload":"x"}',
      'e-1',
      'no payload object',
    ],
    ['no id', '{"type":"events_api","payload":{}}', undefined, 'no envelope_id'],
  ])('finds %s unusable, and says which envelope it was', (_, text, envelopeId, reason) => {
    expect(readSocketMessage(text)).toMatchObject({ kind: 'unusable', envelopeId, reason });
  });

  it('never throws, whatever Slack sends', () => {
    fc.assert(fc.property(fc.json(), (text) => void readSocketMessage(text)));
    fc.assert(fc.property(fc.string(), (text) => void readSocketMessage(text)));
  });
});

describe('rebuildRequest', () => {
  it('makes of an event the JSON that the Events API sends', () => {
    const { headers, body } = rebuild('events_api', eventPayload);
    expect(headers.get('Content-Type')).toBe('application/json');
    expect(body).toBe(JSON.stringify(eventPayload));
  });

  it('makes of a command a form of texts, and leaves out what is null', () => {
    const { headers, body } = rebuild('slash_commands', {
      command: '/spacelift',
      text: 'a+b & c=100% é',
      empty: '',
      enterprise_id: null,
      is_enterprise_install: false,
      number: 3,
    });
    expect(headers.get('Content-Type')).toBe('application/x-www-form-urlencoded');
    expect(body).toBe(
      'command=%2Fspacelift&text=a%2Bb+%26+c%3D100%25+%C3%A9&empty=&is_enterprise_install=false&number=3',
    );
  });

  it.each(Object.entries(interactionPayloads))('makes of %s one form field with its JSON', (_, payload) => {
    const { headers, body } = rebuild('interactive', payload);
    expect(headers.get('Content-Type')).toBe('application/x-www-form-urlencoded');
    expect([...new URLSearchParams(body)]).toEqual([['payload', JSON.stringify(payload)]]);
  });

  it('signs with the given time, and names Slack as the sender', () => {
    const { headers, body } = rebuildRequest(envelope('slash_commands', commandPayload), key, now);
    const value = (name: string) => headers[headers.indexOf(name) + 1] ?? '';
    const signed = {
      signatures: [value('X-Slack-Signature')],
      timestamps: [value('X-Slack-Request-Timestamp')],
      body,
    };
    expect(verify(signed, [key], now)).toEqual({ valid: true, secret: 0 });
    expect(value('X-Slack-Request-Timestamp')).toBe(String(now));
    expect(value('User-Agent')).toBe('Slackbot 1.0 (+https://api.slack.com/robots)');
  });

  it('carries a retry in the headers that Slack uses over HTTP', () => {
    const first = rebuild('events_api', eventPayload).headers;
    expect([...first.keys()].filter((name) => name.includes('Retry'))).toEqual([]);
    const again = rebuild('events_api', eventPayload, { retry_attempt: 2, retry_reason: 'timeout' }).headers;
    expect(again.get('X-Slack-Retry-Num')).toBe('2');
    expect(again.get('X-Slack-Retry-Reason')).toBe('timeout');
    const injected = { retry_attempt: 1, retry_reason: 'x\r\nX-Other: 1' };
    expect(rebuild('events_api', eventPayload, injected).headers.has('X-Slack-Retry-Reason')).toBe(false);
  });
});
