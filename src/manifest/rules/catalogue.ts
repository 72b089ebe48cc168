/**
 * Every rule that `manifest validate` knows: what it holds, and where that is stated. Ids are stable; reports, SARIF
 * and docs/manifest-rules.md are made from this table.
 *
 * Sources: "schema" is Slack's published manifest schema, "docs" Slack's documentation, "reported" what several people
 * published of the answers of Slack's service, "reported once" a single such report.
 */
export const ruleCatalogue = {
  'too-large': {
    holds: 'A manifest file has at most 128 KiB, and its lists 1000 items.',
    source: 'our limit; real ones have a few KiB',
  },
  'too-deep': { holds: 'A manifest nests at most 64 levels.', source: 'our limit; real ones nest seven' },
  'byte-order-mark': { holds: 'A manifest starts without a byte-order mark.', source: 'RFC 8259, 8.1' },
  encoding: { holds: 'A manifest is UTF-8 text without NUL bytes.', source: 'RFC 8259, 8.1' },
  syntax: { holds: 'A manifest is one JSON or YAML document.', source: 'docs' },
  'duplicate-key': { holds: 'An object has each key once.', source: 'RFC 8259, 4; YAML 1.2, 3.2.1.1' },
  'yaml-alias': {
    holds: 'A manifest repeats itself rather than using YAML anchors.',
    source: 'not documented',
  },
  'yaml-tag': { holds: 'A manifest uses no YAML tags or directives.', source: 'not documented' },
  'yaml-boolean': { holds: 'Booleans are written true and false.', source: 'YAML 1.2, 10.3.2' },
  'unknown-key': { holds: 'Only documented keys stand in a manifest.', source: 'schema; reported' },
  'unlisted-key': {
    holds: "Keys stand in Slack's published schema.",
    source: 'docs name them, schema does not',
  },
  'missing-key': { holds: 'Required keys are there.', source: 'schema, docs' },
  'wrong-type': { holds: 'Each value has its documented type.', source: 'schema, docs' },
  'not-allowed-value': { holds: 'A value is one of the documented ones.', source: 'schema, docs' },
  'too-short': { holds: 'Texts have their minimum length.', source: 'schema, docs' },
  'too-long': { holds: 'Texts stay within their maximum length.', source: 'schema, docs' },
  'too-few-items': { holds: 'Lists are left out rather than left empty.', source: 'schema; reported' },
  'too-many-items': { holds: 'Lists stay within their maximum length.', source: 'schema, docs' },
  'repeated-item': { holds: 'Lists name each item once.', source: 'schema' },
  'background-color': { holds: 'The background colour is #rgb or #rrggbb.', source: 'docs' },
  'description-length': { holds: 'The description stays under 140 characters.', source: 'reported' },
  'command-name': { holds: 'A slash command begins with a slash.', source: 'schema, docs' },
  'command-characters': { holds: 'A slash command is one lower-case word.', source: 'not documented' },
  'command-reserved': { holds: "A slash command is not one of Slack's own.", source: 'reported once' },
  'command-repeated': { holds: 'Each slash command is declared once.', source: 'reported once' },
  'command-needs-scope': { holds: 'Slash commands need the bot scope commands.', source: 'reported' },
  'command-needs-url': { holds: 'A slash command has a URL, but for Socket Mode.', source: "Slack's SDK" },
  'bot-name': { holds: "The bot's name can become a user name.", source: 'reported once' },
  'bot-user-needs-scope': { holds: 'A bot user needs a bot scope.', source: 'reported' },
  'bot-scopes-need-bot-user': { holds: 'Bot scopes need a bot user.', source: 'reported once' },
  'optional-scope': { holds: 'An optional scope is among the scopes too.', source: 'docs' },
  'unknown-scope': { holds: 'Scopes are spelt as Slack spells them.', source: "Slack's SDK" },
  'user-scope-for-bot': { holds: 'Bot scopes are ones that a bot can have.', source: 'docs; reported' },
  'unknown-event': { holds: 'Events are spelt as Slack spells them.', source: "Slack's SDK; reported" },
  'event-needs-scope': { holds: 'Each event has the scope that it needs.', source: 'docs; reported' },
  'events-need-delivery': { holds: 'Events need a request URL or Socket Mode.', source: 'docs' },
  'events-need-oauth-config': { holds: 'Events need an oauth_config.', source: 'reported once' },
  'interactivity-needs-delivery': {
    holds: 'Interactivity needs a request URL or Socket Mode.',
    source: 'docs',
  },
  'shortcuts-need-interactivity': { holds: 'Shortcuts need interactivity.', source: 'not documented' },
  'shortcuts-need-scope': { holds: 'Shortcuts need the bot scope commands.', source: 'not documented' },
  'functions-need-settings': {
    holds: 'Custom functions need org deployment, a runtime and the event function_executed.',
    source: 'docs; reported',
  },
  'unfurl-domain': { holds: 'An unfurl domain is a bare lower-case domain.', source: 'schema, docs' },
  'ip-range': {
    holds: 'An allowed IP range is a public IPv4 address or CIDR range.',
    source: 'schema, docs',
  },
  'ip-range-count': { holds: 'There are at most ten allowed IP ranges.', source: 'docs say 10, schema 50' },
  'url-placeholder': { holds: 'URLs hold no placeholders.', source: 'nobody could call them' },
  'url-invalid': { holds: 'URLs can be parsed.', source: 'WHATWG URL' },
  'url-scheme': { holds: 'URLs that Slack calls are https.', source: 'docs' },
  'url-not-public': { holds: 'URLs that Slack calls are on a public host.', source: 'docs' },
  'redirect-url': { holds: 'A redirect URL is https and has no fragment.', source: 'docs' },
} as const satisfies Record<string, { readonly holds: string; readonly source: string }>;

export type RuleId = keyof typeof ruleCatalogue;
