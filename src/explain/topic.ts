import { type DescribedCheck, describedChecks } from '../doctor/catalogue/catalogue.ts';
import { rules } from '../manifest/rules/catalogue.ts';
import type { Rule } from '../manifest/rules/rule.ts';
import { describeSources } from '../manifest/rules/sources.ts';
import { type ErrorWord, errorWords, sources } from '../slack/error-words/error-words.ts';

/** Something that `explain` can explain: an error word of Slack's, a check of doctor, or a rule for manifests. */
export interface Topic {
  readonly kind: 'error' | 'check' | 'rule';
  /** The word, or the id of the check or rule. */
  readonly id: string;
  /** Other words with the same meaning. */
  readonly alias: readonly string[];
  /** What it belongs to, such as `check of doctor, endpoint`; undefined for an error word. */
  readonly label?: string;
  /** The sentences that Slack shows. */
  readonly shown: readonly string[];
  /** What it means, in one sentence. */
  readonly summary: string;
  /** What else there is to know, in sentences. */
  readonly details: string;
  /** The likeliest cause first. */
  readonly causes: readonly string[];
  /** What to do. */
  readonly advice: string;
  /** Commands that help, as they are typed. */
  readonly run: readonly string[];
  readonly source?: { readonly title: string; readonly url?: string };
}

/** Every topic, in the order in which lists show them. */
export const topics: readonly Topic[] = [
  ...errorWords.map(fromErrorWord),
  ...describedChecks.map(fromCheck),
  ...rules.map(fromRule),
];

function fromErrorWord({
  word,
  alias = [],
  shown = [],
  meaning,
  causes,
  advice,
  run,
  source,
}: ErrorWord): Topic {
  const [summary = meaning] = meaning.split(/(?<=\.) (?=[A-Z`])/, 1);
  const details = meaning.slice(summary.length).trim();
  return {
    kind: 'error',
    id: word,
    alias,
    shown,
    summary,
    details,
    causes,
    advice,
    run,
    source: sources[source],
  };
}

function fromCheck({ id, group, title, proves, causes, advice, run }: DescribedCheck): Topic {
  return {
    kind: 'check',
    id,
    alias: [],
    label: `check of doctor, ${group}`,
    shown: [],
    summary: `Passes if ${title}.`,
    details: proves,
    causes,
    advice,
    run,
  };
}

function fromRule({ id, severity, title, why, fix, source }: Rule): Topic {
  return {
    kind: 'rule',
    id,
    alias: [],
    label: `rule of manifest validate, ${severity}`,
    shown: [],
    summary: title,
    details: `Why: ${why}`,
    causes: [],
    advice: fix,
    run: ['spacelift-slack manifest validate manifest.json'],
    source: { title: describeSources(source) },
  };
}
