import { describe } from 'vitest';
import { featureRules } from '../../../src/manifest/rules/features.ts';
import {
  all,
  clicks,
  itReports,
  itShowsEvery,
  numbered,
  type Row,
  remove,
  scopes,
  set,
  shortcut,
  x,
} from '../mutation.ts';

const rows: readonly Row[] = [
  [
    'a description of exactly 140 characters',
    set('/display_information/description', x(140)),
    ['warning description-length /display_information/description'],
  ],
  [
    'a bot name with a letter outside ASCII',
    set('/features/bot_user/display_name', 'Späce'),
    ['warning bot-name /features/bot_user/display_name'],
  ],
  [
    'shortcuts without interactivity',
    all(remove(clicks), set('/features/shortcuts', [shortcut])),
    ['warning shortcuts-need-interactivity /features/shortcuts'],
  ],
  [
    'shortcuts without the scope commands',
    all(
      remove('/features/slash_commands'),
      set(`${scopes}/bot`, ['chat:write']),
      set('/features/shortcuts', [shortcut]),
    ),
    ['warning shortcuts-need-scope /features/shortcuts'],
  ],
  [
    'interactivity without a request URL',
    remove(`${clicks}/request_url`),
    [`error interactivity-needs-delivery ${clicks}`],
  ],
  [
    'an IP range that is not an address',
    set('/settings/allowed_ip_address_ranges', ['203.0.113.256']),
    ['error ip-range /settings/allowed_ip_address_ranges/0'],
  ],
  [
    'an IPv6 range',
    set('/settings/allowed_ip_address_ranges', ['2001:db8::/32']),
    ['error ip-range /settings/allowed_ip_address_ranges/0'],
  ],
  ...['10.0.0.0/8', '127.0.0.1', '169.254.1.1', '100.64.0.1', '203.0.113.0/24', '224.0.0.1/32'].map(
    (range) =>
      [
        `the range ${range}, which is not public`,
        set('/settings/allowed_ip_address_ranges', [range]),
        ['error ip-range /settings/allowed_ip_address_ranges/0'],
      ] as const,
  ),
  [
    '11 IP ranges',
    set('/settings/allowed_ip_address_ranges', numbered(11, '8.8.8.')),
    ['warning ip-range-count /settings/allowed_ip_address_ranges'],
  ],
  [
    '50 IP ranges',
    set('/settings/allowed_ip_address_ranges', numbered(50, '8.8.8.')),
    ['warning ip-range-count /settings/allowed_ip_address_ranges'],
  ],
  [
    '51 IP ranges',
    set('/settings/allowed_ip_address_ranges', numbered(51, '8.8.8.')),
    ['error too-many-items /settings/allowed_ip_address_ranges'],
  ],
  [
    'functions without their settings',
    set('/functions', { greet: {} }),
    ['warning functions-need-settings /functions'],
  ],
  [
    'remote functions without the event function_executed',
    all(
      set('/functions', { greet: {} }),
      set('/settings/org_deploy_enabled', true),
      set('/settings/function_runtime', 'remote'),
    ),
    ['warning functions-need-settings /functions'],
  ],
];

describe('the rules for other features and settings', () => {
  itReports(rows);
  itShowsEvery(featureRules, rows);
});
