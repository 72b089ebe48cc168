import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { readSlackPayload, type SlackPayload } from '../../../src/server/webhook/slack-payload.ts';

const formType = 'application/x-www-form-urlencoded';
const read = (body: string | Buffer, ...types: string[]) => readSlackPayload(types, Buffer.from(body));
const readJson = (body: unknown) => read(JSON.stringify(body), 'application/json');
const readInteraction = (payload: unknown) =>
  read(`payload=${encodeURIComponent(JSON.stringify(payload))}`, formType);
const payload = (value: SlackPayload) => ({ ok: true, payload: value });

it.each([
  [['application/json', 'application/json'], '{}', 415, 'two Content-Type headers'],
  [[], '{}', 415, 'the media type is neither a form nor JSON'],
  [['text/plain'], '{}', 415, 'the media type is neither a form nor JSON'],
  [['application/json'], Buffer.of(0x22, 0xff, 0x22), 400, 'the body is not UTF-8'],
  [[formType], '{"a":1}', 400, 'JSON declared as a form'],
  [[formType], 'ssl_check=1&ssl_check=1', 400, 'the field ssl_check is repeated'],
  [[formType], 'command=%2Fa&command=%2Fb', 400, 'the field command is repeated'],
  [[formType], 'payload=%7B%7D&payload=%7B%7D', 400, 'the field payload is repeated'],
  [[formType], 'payload=%7B%7D&command=%2Fa', 400, 'both a command and a payload'],
  [[formType], 'payload=%5B', 400, 'the payload is not a JSON object'],
  [[formType], 'payload=', 400, 'the payload is not a JSON object'],
  [['application/json'], '[', 400, 'the body is not a JSON object'],
  [['application/json'], '[]', 400, 'the body is not a JSON object'],
  [['application/json'], '{"type":"url_verification"}', 400, 'no challenge'],
  [['application/json'], '{"type":"url_verification","challenge":1}', 400, 'no challenge'],
])('%j with %s gets %d: %s', (types, body, status, reason) => {
  expect(read(body, ...types)).toEqual({ ok: false, status, reason });
});

it.each(['application/json', 'application/json;', ' application/json ;charset=utf-8', 'Application/JSON'])(
  'reads JSON of the media type %j',
  (type) => {
    expect(read('{"type":"url_verification","challenge":"c"}', type)).toEqual(
      payload({ kind: 'url-verification', challenge: 'c' }),
    );
  },
);

it.each<[string, SlackPayload]>([
  ['ssl_check=1&command=%2Fa&payload=x', { kind: 'ssl-check' }],
  [
    'command=%2Finfra-ops&team_id=T1&user_id=U1',
    { kind: 'command', command: '/infra-ops', teamId: 'T1', userId: 'U1' },
  ],
  ['ssl_check=0&command=%2Fa', { kind: 'command', command: '/a', teamId: undefined, userId: undefined }],
  ['command=', { kind: 'command', command: '', teamId: undefined, userId: undefined }],
  ['team_id=T1', { kind: 'other', type: 'form', teamId: 'T1' }],
  ['', { kind: 'other', type: 'form', teamId: undefined }],
])('reads the form %j', (body, expected) => {
  expect(read(body, formType)).toEqual(payload(expected));
});

const nothing = {
  kind: 'interaction',
  type: 'unknown',
  teamId: undefined,
  userId: undefined,
  actionIds: [],
  firstInputBlockId: undefined,
  responseUrl: undefined,
} as const;

it.each<[unknown, Partial<SlackPayload & { kind: 'interaction' }>]>([
  [{}, {}],
  [
    { type: 'shortcut', user: { id: 'U1' } },
    { type: 'shortcut', userId: 'U1' },
  ],
  [{ team: { id: 'T1' }, enterprise: { id: 'E1' } }, { teamId: 'T1' }],
  [{ team: null, enterprise: { id: 'E1' } }, { teamId: 'E1' }],
  [{ team: 'T1', user: 'U1', view: 'V1' }, {}],
  [
    { response_url: 'https://hooks.slack.com/actions/1' },
    { responseUrl: 'https://hooks.slack.com/actions/1' },
  ],
  [{ response_url: 1 }, {}],
  [{ actions: [{ action_id: 'a' }, null, { action_id: 7 }, { action_id: 'b' }] }, { actionIds: ['a', 'b'] }],
  [{ actions: { action_id: 'a' } }, {}],
  [{ actions: 'a' }, {}],
  [
    {
      view: {
        blocks: [
          null,
          { type: 'section', block_id: 's' },
          { type: 'input', block_id: 'i' },
          { type: 'input', block_id: 'j' },
        ],
      },
    },
    { firstInputBlockId: 'i' },
  ],
  [{ view: { blocks: [{ type: 'section', block_id: 's' }] } }, {}],
  [{ view: { blocks: { type: 'input', block_id: 'i' } } }, {}],
])('reads the interaction %j', (body, expected) => {
  expect(readInteraction(body)).toEqual(payload({ ...nothing, ...expected }));
});

const event = {
  kind: 'event',
  eventId: 'Ev1',
  type: 'unknown',
  teamId: undefined,
  enterpriseId: undefined,
  ends: undefined,
} as const;

it.each<[object, Partial<SlackPayload & { kind: 'event' }>]>([
  [{}, {}],
  [{ event: 'app_mention' }, {}],
  [
    { event: { type: 'app_mention' }, team_id: 'T1' },
    { type: 'app_mention', teamId: 'T1' },
  ],
  [{ authorizations: [{ team_id: 'T2' }, { team_id: 'T3' }] }, { teamId: 'T2' }],
  [{ team_id: 'T1', authorizations: [{ team_id: 'T2' }] }, { teamId: 'T1' }],
  [{ authorizations: { team_id: 'T2' } }, {}],
  [{ authorizations: [] }, {}],
  [
    { authorizations: [{ enterprise_id: 'E1' }], enterprise_id: 'E2', context_enterprise_id: 'E3' },
    { enterpriseId: 'E1' },
  ],
  [{ enterprise_id: 'E2', context_enterprise_id: 'E3' }, { enterpriseId: 'E2' }],
  [{ context_enterprise_id: 'E3' }, { enterpriseId: 'E3' }],
])('reads the event %j', (body, expected) => {
  expect(readJson({ type: 'event_callback', event_id: 'Ev1', ...body })).toEqual(
    payload({ ...event, ...expected }),
  );
});

it.each([undefined, 7, '', 'with blank'])('identifies an event with the id %j by its body', (id) => {
  const body = JSON.stringify({ type: 'event_callback', event_id: id });
  const eventId = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  expect(read(body, 'application/json')).toEqual(payload({ ...event, eventId }));
});

it.each<[{ type: string; tokens?: object }, object | undefined]>([
  [{ type: 'app_uninstalled' }, {}],
  [{ type: 'tokens_revoked' }, {}],
  [{ type: 'tokens_revoked', tokens: { bot: ['U0'] } }, {}],
  [{ type: 'tokens_revoked', tokens: { bot: ['U0'], oauth: ['U1'] } }, {}],
  [{ type: 'tokens_revoked', tokens: { bot: [], oauth: [] } }, {}],
  [{ type: 'tokens_revoked', tokens: { bot: [], oauth: ['U1'] } }, undefined],
  [{ type: 'tokens_revoked', tokens: { oauth: ['U1'] } }, undefined],
  [{ type: 'tokens_revoked', tokens: { oauth: 'U1' } }, {}],
  [{ type: 'app_mention', tokens: { bot: ['U0'] } }, undefined],
])('%j ends %j', (inner, ends) => {
  expect(readJson({ type: 'event_callback', event_id: 'Ev1', event: inner })).toStrictEqual(
    payload({ ...event, type: inner.type, ends }),
  );
});

it.each([
  [{ event_time: 0 }, { endedAt: 0 }],
  [{ event_time: 1_800_000_000 }, { endedAt: 1_800_000_000_000 }],
  [{ event_time: 8_640_000_000_000 }, { endedAt: 8_640_000_000_000_000 }],
  [{ event_time: 8_640_000_000_001 }, {}],
  [{ event_time: -1 }, {}],
  [{ event_time: 1.5 }, {}],
  [{ event_time: '1800000000' }, {}],
  [
    { team_id: 'T1', enterprise_id: 'E1' },
    { teamId: 'T1', enterpriseId: 'E1' },
  ],
  [{ authorizations: [{ is_enterprise_install: true }] }, { orgWide: true }],
  [{ authorizations: [{ is_enterprise_install: false }] }, { orgWide: false }],
  [{ authorizations: [{ is_enterprise_install: 'true' }] }, {}],
])('an uninstallation with %j ends the installation with %j', (body, ends) => {
  const inner = { type: 'app_uninstalled' };
  expect(readJson({ type: 'event_callback', event_id: 'Ev1', event: inner, ...body })).toMatchObject({
    payload: { type: 'app_uninstalled', ends: expect.toSatisfy((each) => isDeepStrictEqual(each, ends)) },
  });
});

it.each([
  [{ type: 'app_rate_limited', team_id: 'T1' }, 'app_rate_limited', 'T1'],
  [{}, 'unknown', undefined],
  [{ type: 5 }, 'unknown', undefined],
])('reads %j as of another type', (body, type, teamId) => {
  expect(readJson(body)).toEqual(payload({ kind: 'other', type, teamId }));
});
