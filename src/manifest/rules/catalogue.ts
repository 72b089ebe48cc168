import { agentRules } from './agents.ts';
import { commandRules } from './commands.ts';
import { eventRules } from './events.ts';
import { featureRules } from './features.ts';
import { fileRules } from './file.ts';
import type { Rule } from './rule.ts';
import { schemaRules } from './schema.ts';
import { scopeRules } from './scopes.ts';
import { spaceliftRules } from './spacelift.ts';
import { urlRules } from './urls.ts';

const catalogue = [
  { title: 'The file', rules: fileRules },
  { title: "Slack's schema", rules: schemaRules },
  { title: 'URLs', rules: urlRules },
  { title: 'Slash commands', rules: commandRules },
  { title: 'Scopes and the bot user', rules: scopeRules },
  { title: 'Events', rules: eventRules },
  { title: 'Agents', rules: agentRules },
  { title: 'Other features and settings', rules: featureRules },
  { title: "Spacelift's own app", rules: spaceliftRules },
] as const;

export type RuleId = (typeof catalogue)[number]['rules'][number]['id'];

export interface RuleGroup {
  readonly title: string;
  readonly rules: readonly Rule[];
}

/** Every rule that `manifest validate` knows, by what it is about. */
export const ruleGroups: readonly RuleGroup[] = catalogue;

export const rules: readonly Rule[] = ruleGroups.flatMap((group) => group.rules);

const byId: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]));

/** The rule with this id; undefined if there is none. */
export function findRule(id: string): Rule | undefined {
  return byId.get(id);
}
