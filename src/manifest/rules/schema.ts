import type { Rule } from './rule.ts';

/** What the JSON schema of a manifest requires of keys and values. */
export const schemaRules = [
  {
    id: 'unknown-key',
    severity: 'error',
    title: 'A manifest has only keys that Slack knows.',
    why: 'Slack rejects a manifest with any other key. With --lenient this is a warning, for manifests that Slack exported.',
    fix: 'Remove the key.',
    source: 'schema; reported',
  },
  {
    id: 'unlisted-key',
    severity: 'warning',
    title: "Each key is in Slack's published schema.",
    why: 'Slack documents or exports this key, but its published schema lacks it. Apps that use the feature have it.',
    fix: 'Keep it, unless Slack rejects the manifest because of it.',
    source: 'docs name the keys, the schema lacks them',
  },
  {
    id: 'missing-key',
    severity: 'error',
    title: 'Required keys are present.',
    why: 'Slack rejects the manifest.',
    fix: 'Add the key.',
    source: 'schema, docs',
  },
  {
    id: 'wrong-type',
    severity: 'error',
    title: 'Each value has its documented type.',
    why: 'Slack rejects the manifest. In YAML, a value without quotes may be read as another type.',
    fix: 'Write a value of the documented type.',
    source: 'schema, docs',
  },
  {
    id: 'not-allowed-value',
    severity: 'error',
    title: 'A value that must be one of a few is one of them.',
    why: 'Slack rejects the manifest.',
    fix: 'Use one of the documented values.',
    source: 'schema, docs',
  },
  {
    id: 'too-short',
    severity: 'error',
    title: 'Strings have their minimum length.',
    why: 'Slack rejects the manifest (failed_constraint, min_length).',
    fix: 'Lengthen it, or remove the key.',
    source: 'schema, docs',
  },
  {
    id: 'too-long',
    severity: 'error',
    title: 'Strings stay within their maximum length.',
    why: 'Slack rejects the manifest (failed_constraint, max_length).',
    fix: 'Shorten it.',
    source: 'schema, docs',
  },
  {
    id: 'too-few-items',
    severity: 'error',
    title: 'An array without items is left out.',
    why: 'Slack rejects slash_commands, shortcuts and some other keys with an empty array.',
    fix: 'Remove the key: Slack rejects an empty array here.',
    source: 'schema; reported',
  },
  {
    id: 'too-many-items',
    severity: 'error',
    title: 'Arrays stay within their maximum number of items.',
    why: 'Slack rejects the manifest.',
    fix: 'Remove some.',
    source: 'schema, docs',
  },
  {
    id: 'repeated-item',
    severity: 'error',
    title: 'An array lists each item once.',
    why: 'Slack rejects the manifest. A scope that is listed twice is only a warning, since the schema does not forbid it.',
    fix: 'Remove the repetition.',
    source: 'schema',
    *check(manifest) {
      for (const list of ['bot', 'user', 'bot_optional', 'user_optional'] as const) {
        const seen = new Set<string>();
        const reported = new Set<string>();
        for (const { text, pointer } of manifest.scopes(list)) {
          if (seen.has(text) && !reported.has(text)) {
            reported.add(text);
            yield { severity: 'warning', pointer, message: `the ${list} scope ${text} is listed twice` };
          }
          seen.add(text);
        }
      }
    },
  },
  {
    id: 'background-color',
    severity: 'error',
    title: 'The background colour is #rgb or #rrggbb.',
    why: 'Slack rejects other notations.',
    fix: 'Write #rgb or #rrggbb, for example "#131417".',
    source: 'docs',
  },
  {
    id: 'command-name',
    severity: 'error',
    title: 'The name of a slash command begins with a slash.',
    why: 'Slack rejects the manifest.',
    fix: 'Put a slash in front of the name.',
    source: 'schema, docs',
  },
  {
    id: 'unfurl-domain',
    severity: 'error',
    title: 'An unfurl domain is a domain in lower case, without scheme, path or port.',
    why: 'Slack rejects the manifest.',
    fix: 'Write the domain in lower case, without scheme, path or port.',
    source: 'schema, docs',
  },
  {
    id: 'outgoing-domain',
    severity: 'error',
    title: 'An outgoing domain is a domain without scheme, path or port.',
    why: 'Slack rejects the manifest.',
    fix: 'Write the domain without scheme, path or port.',
    source: 'docs; reported',
  },
] as const satisfies readonly Rule[];
