import template from '../../templates/slack-app-manifest.json' with { type: 'json' };
import { type Domain, hasPrivateEnding } from '../domain.ts';
import { type JsonValue, valueAt } from '../json-value.ts';
import type { Remark } from './finding.ts';
import { mergePatch } from './merge-patch.ts';
import { findPlaceholder } from './rules/placeholder.ts';

export interface RenderOptions {
  /** Spacelift's own host, to which the browser is redirected after an installation. */
  readonly domain: Domain;
  /** The host that Slack's servers call for commands, events and interactivity. */
  readonly webhookDomain: Domain;
  /** The name of the app and its bot, if not Spacelift. */
  readonly name?: string | undefined;
  /** The slash command, if not /spacelift. */
  readonly command?: string | undefined;
  /** The background colour, as #rgb or #rrggbb. */
  readonly color?: string | undefined;
  /** Whether a whole Enterprise organisation can install the app; otherwise such an installation gets no events. */
  readonly orgDeploy?: boolean | undefined;
  /** Whether the app uses Socket Mode; then Slack calls no URL, and only the OAuth redirect is left. */
  readonly socketMode?: boolean | undefined;
  /** A JSON merge patch (RFC 7396) for anything else. */
  readonly patch?: JsonValue | undefined;
}

export interface RenderedManifest {
  readonly manifest: JsonValue;
  /** What breaks a rule; a manifest with an error must not be used. */
  readonly remarks: readonly Remark[];
}

/**
 * Renders the manifest that Spacelift documents for self-hosted installations, with the domains and the options applied,
 * and checks the result. The same options give the same bytes.
 */
export async function renderManifest(options: RenderOptions): Promise<RenderedManifest> {
  let manifest = fillIn(template, options);
  manifest = mergePatch(manifest, {
    display_information: {
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.color === undefined ? {} : { background_color: options.color }),
    },
    features: {
      ...(options.name === undefined ? {} : { bot_user: { display_name: options.name } }),
      ...(options.command === undefined ? {} : { slash_commands: renamedCommands(options, options.command) }),
    },
    settings: options.orgDeploy ? { org_deploy_enabled: true } : {},
  });
  if (options.socketMode) manifest = mergePatch(manifest, socketModePatch(manifest));
  if (options.patch !== undefined) manifest = mergePatch(manifest, options.patch);
  if (isKnownToBeValid(options)) return { manifest, remarks: [] };
  const { inspectManifest } = await import('./inspect.ts');
  return { manifest, remarks: await inspectManifest(manifest, { lenient: false, format: 'json' }) };
}

/**
 * Whether the manifest is the template with ordinary domains, in which no rule finds anything: tests check that for any
 * domain. The schema and the rules take longer to load than the rest of a start.
 */
function isKnownToBeValid({ domain, webhookDomain, name, command, color, patch }: RenderOptions): boolean {
  return (
    [name, command, color, patch].every((change) => change === undefined) &&
    [domain, webhookDomain].every((host) => !hasPrivateEnding(host) && !findPlaceholder(`https://${host}`))
  );
}

function fillIn(value: JsonValue, options: RenderOptions): JsonValue {
  if (typeof value === 'string') {
    return value
      .replace('<your-domain>', options.domain)
      .replace('<your-webhook-domain>', options.webhookDomain);
  }
  if (Array.isArray(value)) return value.map((item) => fillIn(item, options));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, options)]));
}

/** A merge patch replaces arrays as a whole, so the rest of the template's command is copied. */
function renamedCommands(options: RenderOptions, command: string): JsonValue {
  return template.features.slash_commands.map((entry) => fillIn({ ...entry, command }, options));
}

/** Switches Socket Mode on, and takes out the URLs that Slack would call without it. */
function socketModePatch(manifest: JsonValue): JsonValue {
  const commands = valueAt(manifest, '/features/slash_commands');
  const withoutUrl = (command: JsonValue) => mergePatch(command, { url: null });
  return {
    features: Array.isArray(commands) ? { slash_commands: commands.map(withoutUrl) } : {},
    settings: {
      event_subscriptions: { request_url: null },
      interactivity: { request_url: null },
      socket_mode_enabled: true,
    },
  };
}

/** The manifest as JSON: two spaces, keys in the documented order. */
export function toJson(manifest: JsonValue): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * The manifest as YAML 1.2. Every string is quoted: Slack's reader is reported to fail on plain scopes (`chat:write`),
 * and an unquoted colour is a comment.
 */
export async function toYaml(manifest: JsonValue): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(manifest, {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  });
}

/** Browsers, proxies and chat clients cut off longer links; Slack publishes no limit. */
export const longLink = 8_000;

/** The link that opens Slack's create-app page with the manifest (Slack: App manifests, sharing). */
export function toCreateAppLink(manifest: JsonValue): string {
  return `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(JSON.stringify(manifest))}`;
}
