import {
  commandsNeedUrl,
  eventsNeedDelivery,
  functionsNeedSettings,
  interactivityNeedsDelivery,
} from './delivery.ts';
import {
  allowedIpRanges,
  botName,
  commandNames,
  descriptionLength,
  shortcuts,
  unlistedKeys,
} from './features.ts';
import type { Rule } from './rule.ts';
import {
  botScopesNeedBotUser,
  botUserNeedsScope,
  commandsNeedScope,
  eventNames,
  eventsNeedScopes,
  optionalScopes,
  scopeNames,
} from './scopes.ts';
import { calledUrls, redirectUrls } from './urls.ts';

/** Every rule beyond the schema. A new one goes here and into the catalogue. */
export const rules: readonly Rule[] = [
  calledUrls,
  redirectUrls,
  eventsNeedDelivery,
  interactivityNeedsDelivery,
  commandsNeedUrl,
  functionsNeedSettings,
  commandsNeedScope,
  botUserNeedsScope,
  botScopesNeedBotUser,
  optionalScopes,
  scopeNames,
  eventNames,
  eventsNeedScopes,
  descriptionLength,
  commandNames,
  botName,
  shortcuts,
  allowedIpRanges,
  unlistedKeys,
];
