import { expect, it } from 'vitest';
import { isObject, type JsonObject, type JsonValue, keysOf } from '../../src/json-value.ts';
import { mergePatch } from '../../src/manifest/merge-patch.ts';
import { toYaml } from '../../src/manifest/render.ts';
import type { Rule } from '../../src/manifest/rules/rule.ts';
import { documentedManifest, found, object, validateText } from './documented.ts';

/** A change to a manifest. */
export type Mutation = (manifest: JsonObject) => JsonValue;

/** Sets a value at a pointer; `-` at its end appends to an array (RFC 6901). */
export function set(pointer: string, value: JsonValue): Mutation {
  return (manifest) => put(manifest, keysOf(pointer), value);
}

function put(target: JsonValue | undefined, [key, ...rest]: readonly string[], value: JsonValue): JsonValue {
  if (key === undefined) return value;
  if (Array.isArray(target)) {
    const index = key === '-' ? target.length : Number(key);
    const copy = [...target];
    copy[index] = put(copy[index], rest, value);
    return copy;
  }
  const base = isObject(target) ? target : {};
  return { ...base, [key]: put(base[key], rest, value) };
}

/** Removes the values at some pointers. */
export function remove(...pointers: readonly string[]): Mutation {
  return (manifest) =>
    pointers.reduce((value: JsonValue, pointer) => {
      const nested = keysOf(pointer).reduceRight((part: JsonValue, key) => ({ [key]: part }), null);
      return mergePatch(value, nested);
    }, manifest);
}

/** Makes several changes, one after the other. */
export function all(...mutations: readonly Mutation[]): Mutation {
  return (manifest) => mutations.reduce((value, mutate) => object(mutate(value)), manifest);
}

/** A change, and every finding that it causes, in the order of the file: severity, rule, pointer. */
export type Row = readonly [name: string, mutate: Mutation, findings: readonly string[]];

/** The documented manifest with another command and another scope, so that it is not that of Spacelift's app. */
export async function ordinaryManifest(): Promise<JsonObject> {
  const text = JSON.stringify(await documentedManifest());
  return object(
    JSON.parse(text.replace('"/spacelift"', '"/example"').replace('"links:write"', '"groups:read"')),
  );
}

/**
 * Tests that each change causes its findings and no others, in JSON and in YAML, worded as they must be.
 *
 * @param base the manifest that is changed
 */
export function itReports(rows: readonly Row[], base = ordinaryManifest): void {
  it.each(
    rows.map(([name, mutate, findings]) => [name, findings.join(', ') || 'valid', mutate, findings] as const),
  )('reports %s as %s', async (_name, _findings, mutate, expected) => {
    const manifest = mutate(await base());
    const file = await validateText(JSON.stringify(manifest, null, 2));
    expect(found(file)).toEqual(expected);
    expect(found(await validateText(await toYaml(manifest), 'manifest.yaml'))).toEqual(expected);
    for (const { message, hint } of file.findings) {
      expect(message).toMatch(/^\S.*[^.]$/);
      expect(hint).toMatch(/^[A-Z].*[.?]$/s);
    }
  });
}

/** Tests that the rows show every rule, except those that no value of a manifest can break. */
export function itShowsEvery(rules: readonly Rule[], rows: readonly Row[]): void {
  it('shows every rule', () => {
    const shown = new Set(rows.flatMap(([, , findings]) => findings.map((line) => line.split(' ')[1])));
    expect(rules.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });
}

/** Tests that nothing is reported about each change, in JSON and in YAML. */
export function itAccepts(
  rows: readonly (readonly [name: string, mutate: Mutation])[],
  base = ordinaryManifest,
): void {
  it.each(rows)('accepts %s', async (_name, mutate) => {
    const manifest = mutate(await base());
    expect(found(await validateText(JSON.stringify(manifest)))).toEqual([]);
    expect(found(await validateText(await toYaml(manifest), 'manifest.yml'))).toEqual([]);
  });
}

export const command = '/features/slash_commands/0';
export const events = '/settings/event_subscriptions';
export const clicks = '/settings/interactivity';
export const scopes = '/oauth_config/scopes';
export const x = (count: number) => 'x'.repeat(count);
export const numbered = (count: number, prefix = 'item') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
export const shortcut = { name: 'Ask', type: 'global', callback_id: 'ask', description: 'Asks' };

/** An entry of Slack's Marketplace. */
export const listing = {
  installation_landing_page: 'https://example.com/install',
  privacy_policy_url: 'https://example.com/privacy',
  support_url: 'https://example.com/support',
  support_email: 'support@example.com',
  supported_languages: ['english'],
  pricing: 'free',
};
export const agent = { agent_description: 'Helps', suggested_prompts: [{ title: 'a', message: 'b' }] };
export const assistant = { assistant_description: 'Helps' };
