import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { builtInCommands, rejectedCommands } from '../../src/manifest/slack-words/commands.ts';
import { events, rejectedEvents, scopesForEvent } from '../../src/manifest/slack-words/events.ts';
import {
  appLevelScopes,
  botScopes,
  legacyScopes,
  userOnlyScopes,
} from '../../src/manifest/slack-words/scopes.ts';

const sdk = fileURLToPath(new URL('../../node_modules/@slack/', import.meta.url));
const manifestTypes = await readFile(join(sdk, 'web-api/dist/types/request/manifest.d.ts'), 'utf8');
const sdkScopes = { bot: union('BotScope'), user: union('UserScope'), app: union('AppManifestLevelScopes') };
const sdkEvents = [...union('ManifestEvent'), ...(await eventTypes())];

/** The string literals of a union type of the SDK. */
function union(name: string): string[] {
  const [, members = ''] = new RegExp(`type ${name} = ([^;]*);`).exec(manifestTypes) ?? [];
  return [...members.matchAll(/'([^']+)'/g)].flatMap(([, word]) => word ?? []);
}

async function eventTypes(): Promise<string[]> {
  const folder = join(sdk, 'types/dist/events');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.d.ts'));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.flatMap((text) =>
    [...text.matchAll(/^ {4}type: '([^']+)';/gm)].flatMap(([, word]) => word ?? []),
  );
}

const sorted = (words: Iterable<string>) => [...new Set(words)].sort();

describe('the words that Slack knows are those of its SDK, and some that only its reference has', () => {
  it('scopes of bots', () => {
    const inReference = [
      ...['app_configurations:read', 'app_configurations:write', 'assistant:write', 'canvases:read'],
      ...['canvases:write', 'hosting:read', 'im:write.topic', 'lists:read', 'lists:write'],
      ...['search:read.enterprise', 'search:read.files', 'search:read.im', 'search:read.mpim'],
      ...['search:read.private', 'search:read.public', 'search:read.users'],
      ...['workflows.templates:read', 'workflows.templates:write'],
    ];
    // `none` is the SDK's own word.
    const inSdk = sdkScopes.bot.filter((scope) => scope !== 'none');
    expect(botScopes).toEqual(sorted([...inSdk, ...inReference]));
  });

  it('scopes of users alone', () => {
    const inReference = [
      ...['admin.chat:read', 'admin.chat:write', 'admin.conversations:manage_objects'],
      ...['admin.legal_holds:read', 'admin.legal_holds:write', 'apps.requests:write'],
      ...['hosting:write', 'identify'],
    ];
    const inSdk = sdkScopes.user.filter((scope) => !botScopes.includes(scope) && !legacyScopes.has(scope));
    expect(userOnlyScopes).toEqual(sorted([...inSdk, ...inReference]));
  });

  it('scopes of app-level tokens', () => {
    expect(appLevelScopes).toEqual(sorted(sdkScopes.app));
  });

  it('events', () => {
    const inReference = ['assistant_app_thread', 'user_connection'];
    const inSdk = sdkEvents.filter((event) => !rejectedEvents.includes(event));
    expect(events).toEqual(sorted([...inSdk, ...inReference]));
  });
});

it('a legacy scope was replaced by one of today that a bot can have', () => {
  expect([...legacyScopes].map(([scope, successor]) => `${scope} -> ${successor}`)).toEqual([
    'chat:write:bot -> chat:write',
    'chat:write:user -> chat:write',
    'files:write:user -> files:write',
  ]);
  for (const successor of legacyScopes.values()) expect(botScopes).toContain(successor);
  for (const scope of legacyScopes.keys()) expect(sdkScopes.user).toContain(scope);
});

it('an event that Slack rejects is not one that it knows', () => {
  expect(rejectedEvents).toEqual(['file_comment_added', 'presence_change']);
  expect(events.filter((event) => rejectedEvents.includes(event))).toEqual([]);
});

describe('the scopes of an event', () => {
  it.each([...scopesForEvent])('%s: %j are scopes that exist', (event, scopes) => {
    expect(events).toContain(event);
    expect(scopes).not.toEqual([]);
    for (const scope of scopes) expect([...botScopes, ...userOnlyScopes]).toContain(scope);
  });

  /** How Slack names them: the scope by which an app reads what the event is about. */
  it.each<[RegExp, string, number]>([
    [/^message\.channels$|^channel_history_/, 'channels:history', 2],
    [/^message\.groups$|^group_history_/, 'groups:history', 2],
    [/^message\.im$|^im_history_/, 'im:history', 2],
    [/^message\.mpim$/, 'mpim:history', 1],
    [/^channel_(?!history_)|^member_/, 'channels:read', 10],
    [/^group_(?!history_)/, 'groups:read', 7],
    [/^channel_(?:un)?shared$|^member_/, 'groups:read', 4],
    [/^im_(?!history_)/, 'im:read', 3],
    [/^message_metadata_/, 'metadata.message:read', 3],
    [/^reaction_/, 'reactions:read', 2],
    [/^pin_/, 'pins:read', 2],
    [/^star_/, 'stars:read', 2],
    [/^file_/, 'files:read', 6],
    [/^subteam_/, 'usergroups:read', 5],
    [/^team_join$|^user_/, 'users:read', 3],
    [/^team_(?!join)/, 'team:read', 2],
    [/^app_mention$/, 'app_mentions:read', 1],
    [/^call_/, 'calls:read', 1],
    [/^emoji_/, 'emoji:read', 1],
    [/^link_/, 'links:read', 1],
  ])('%s: %s', (pattern, scope, count) => {
    const found = [...scopesForEvent].filter(([event]) => pattern.test(event));
    expect(found.filter(([, scopes]) => scopes.includes(scope))).toHaveLength(count);
    expect(found).toHaveLength(count);
  });
});

it("Slack's own commands begin with a slash, and are listed once", () => {
  for (const command of builtInCommands) expect(command).toMatch(/^\/[a-z]+$/);
  expect(builtInCommands).toEqual(sorted(builtInCommands));
  expect(builtInCommands).toHaveLength(27);
  for (const command of rejectedCommands) expect(builtInCommands).toContain(command);
  expect(rejectedCommands).toEqual(['/me', '/status']);
});
