import { parseDomain } from '../../domain.ts';
import type { JsonValue } from '../../json-value.ts';
import { renderManifest } from '../../manifest/render.ts';
import type { InitOptions } from './options.ts';
import type { Answers } from './progress.ts';

/** The manifest that the answers describe. */
export async function manifestOf(
  { domain = '', webhookDomain = domain, way }: Answers,
  { org: orgDeploy }: InitOptions,
): Promise<JsonValue> {
  const [spacelift, webhook] = [parseDomain(domain), parseDomain(webhookDomain)];
  if (!spacelift.ok || !webhook.ok)
    throw new TypeError('the domains of the set-up are checked before they are kept');
  const hosts = { domain: spacelift.domain, webhookDomain: webhook.domain };
  return (await renderManifest({ ...hosts, orgDeploy, socketMode: way === 'socket-mode' })).manifest;
}
