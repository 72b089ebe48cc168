import template from '../../templates/slack-app-manifest.json' with { type: 'json' };
import type { Domain } from '../domain.ts';

export interface RenderValues {
  /** Spacelift's own host: the OAuth redirect passes through the person's browser and goes there. */
  readonly domain: Domain;
  /** The host that Slack's servers call for commands, events and interactivity. */
  readonly webhookDomain: Domain;
}

/** Puts the domains into the manifest that Spacelift documents. */
export function renderManifest(values: RenderValues): unknown {
  return fill(template, values);
}

function fill(value: unknown, values: RenderValues): unknown {
  if (typeof value === 'string') {
    return value
      .replace('<your-domain>', values.domain)
      .replace('<your-webhook-domain>', values.webhookDomain);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, values)]));
  }
  return value;
}
