import { describe, expect, it } from 'vitest';
import { findTopics } from '../../src/explain/find.ts';
import { topics } from '../../src/explain/topic.ts';
import { errorWords } from '../../src/slack/error-words/error-words.ts';

function ids(text: string): readonly string[] {
  const search = findTopics(text);
  return search.kind === 'nothing' ? [] : search.topics.map(({ id }) => id);
}

it('has no id or word twice among error words, checks and rules', () => {
  const names = topics.flatMap(({ id, alias }) => [id, ...alias]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe('a text that names or quotes a topic finds it', () => {
  it.each([
    ['dispatch_failed', 'dispatch_failed'],
    ['DISPATCH_FAILED', 'dispatch_failed'],
    ['dispatch failed', 'dispatch_failed'],
    ['/deploy failed with the error "operation_timeout"', 'operation_timeout'],
    ['Error: An API error occurred: invalid_auth', 'invalid_auth'],
    ["Your URL didn't respond with the value of the `challenge` parameter.", 'challenge_failed'],
    ['Your URL didn’t respond with the value of the challenge', 'challenge_failed'],
    ['value of the challenge', 'challenge_failed'],
    [
      '/deploy is not a valid command. In Slack, all messages that start with "/" are commands.',
      'not-a-valid-command',
    ],
    ['Timeout was reached', 'operation_timeout'],
    ['404_client_error', 'http_client_error'],
    [
      '/run failed because the app did not respond. Please try again or contact the app developer.',
      'operation_timeout',
    ],
    ['failed because the app did not respond', 'operation_timeout'],
    ['This app responded with status code 404', 'app-responded-with-status'],
    ['This app responded with Status Code 503.', 'app-responded-with-status'],
    ['Your request URL responded with an HTTP error.', 'request-url-http-error'],
    ['did not reply', 'operation_timeout'],
    ['the app did not answer', 'operation_timeout'],
    ['too_many_websockets', 'too_many_websockets'],
    ['disconnect: link_disabled', 'link_disabled'],
    ['Slack workspace already in use by a Spacelift account', 'workspace-already-in-use'],
    ['Please try again from here or contact the app owner (reason: invalid_browser)', 'invalid_browser'],
    ['Failed to verify authenticity: stale', 'stale-request'],
    [
      'Failed to verify authenticity: x-slack-request-timestamp must differ from system time by no more than 5 minutes or request is stale',
      'stale-request',
    ],
    [
      'redirect_uri did not match any configured URIs. Passed URI: http://a.example.com/x',
      'bad_redirect_uri',
    ],
    ['webhook.reachable', 'webhook.reachable'],
    ['fail  webhook.reachable  404 Not Found', 'webhook.reachable'],
    ['manifest.json:3:4 error Slack calls https URLs only [url-scheme]', 'url-scheme'],
    ['unknown-key', 'unknown-key'],
    ['syntax', 'syntax'],
  ])('%j: %s', (text, id) => {
    expect(findTopics(text)).toMatchObject({ kind: 'found', topics: [{ id }] });
    expect(ids(text)).toHaveLength(1);
  });

  it.each(topics)('$id, by its id', ({ id }) => {
    expect(findTopics(id)).toMatchObject({ kind: 'found', topics: [{ id }] });
  });

  it.each(errorWords.flatMap(({ word, shown = [] }) => shown.map((sentence) => [sentence, word] as const)))(
    '%j, by its sentence: %s',
    (sentence, word) => {
      expect(findTopics(sentence).kind).toBe('found');
      expect(ids(sentence)).toContain(word);
    },
  );

  it('a group, or the first part of an id, finds the checks in it', () => {
    const search = findTopics('signature');
    expect(search.kind).toBe('found');
    expect(ids('signature').every((id) => id.startsWith('signature.'))).toBe(true);
    expect(ids('dns')).toEqual(['dns.resolves', 'dns.public']);
    expect(ids('endpoint')).toContain('clock.skew');
  });
});

describe('a text that only has words in common with topics is a guess, with three topics at most', () => {
  it.each([
    ['private channel without the app', 'channel_not_found'],
    ['bot scope', 'requires_a_bot_scope'],
    ['certificate expired', 'ssl_cacert'],
    ['the load balancer is internal', 'dispatch_failed'],
  ])('%j: %s among them', (text, id) => {
    expect(findTopics(text).kind).toBe('guess');
    expect(ids(text)).toContain(id);
    expect(ids(text).length).toBeLessThanOrEqual(3);
  });
});

describe('anything else finds nothing', () => {
  it.each(['', '   ', '"', 'zebra crossing', 'not a word of the table'])('%j', (text) => {
    expect(findTopics(text)).toEqual({ kind: 'nothing', nearest: undefined });
  });

  it.each([
    ['dispach_failed', 'dispatch_failed'],
    ['invalid_manifset', 'invalid_manifest'],
    ['bad_redirect_url', 'bad_redirect_uri'],
    ['webhook.reachible', 'webhook.reachable'],
    ['url-scheem', 'url-scheme'],
  ])('%s, but %s is near', (typed, meant) => {
    expect(findTopics(typed)).toEqual({ kind: 'nothing', nearest: meant });
  });
});

it('names the source of a rule in full, not by its short name', () => {
  const rule = (id: string) => topics.find((topic) => topic.id === id)?.source?.title;
  expect(rule('url-scheme')).toMatch(/^Slack's documentation, https:/);
  const unexplained = topics.filter(({ source }) =>
    /^(?:docs|schema|reported|reported once)$/.test(source?.title ?? ''),
  );
  expect(unexplained).toEqual([]);
});
