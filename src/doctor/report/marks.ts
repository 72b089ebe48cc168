import type { Group } from '../catalogue/catalogue.ts';
import type { Status } from '../check.ts';
import type { CheckReport } from './report.ts';
import { groupStatus } from './summary.ts';

export type Marks = Readonly<Record<Status, string>>;

export const unicodeMarks: Marks = { pass: '\u2713', warn: '!', fail: '\u2717', skip: '\u00b7' };
const asciiMarks: Marks = { pass: '+', warn: '!', fail: 'x', skip: '-' };

/** The marks that a terminal can show, by its locale. @param env the process environment */
export function marksFor(env: Readonly<Record<string, string | undefined>>): Marks {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  const isAscii =
    env['TERM'] === 'linux' || (locale !== undefined && locale !== '' && !/utf-?8/i.test(locale));
  return isAscii ? asciiMarks : unicodeMarks;
}

/** What a request of Slack passes on its way, and the group of checks that is about it. */
const way: readonly { readonly name: string; readonly group: Group }[] = [
  { name: 'socket', group: 'socket' },
  { name: 'DNS', group: 'domain' },
  { name: 'TLS', group: 'tls' },
  { name: 'endpoint', group: 'endpoint' },
  { name: 'signature', group: 'signature' },
];

/**
 * Each step of the way with how its checks ended; no step if none of these checks is part of the run. The socket is a
 * step with Socket Mode only.
 */
export function wayOf(
  checks: readonly CheckReport[],
): readonly { readonly name: string; readonly status: Status }[] {
  const steps = way.map(({ name, group }) => ({
    name,
    group,
    // A valid name says nothing about DNS.
    checks: checks.filter(
      (check) => check.group === group && !(check.id === 'domain.valid' && check.status === 'pass'),
    ),
  }));
  if (!way.some(({ group }) => checks.some((check) => check.group === group))) return [];
  return steps
    .filter(({ group, checks: own }) => group !== 'socket' || own.length > 0)
    .map(({ name, checks: own }) => ({ name, status: groupStatus(own) }));
}

/**
 * The way of a request in one line, each step behind the mark of how its checks ended: `Slack + DNS x TLS - endpoint`.
 *
 * @returns no line if none of these checks is part of the run
 */
export function renderWay(
  checks: readonly CheckReport[],
  marks: Marks,
  paint: (mark: string, status: Status) => string = (mark) => mark,
): string[] {
  const steps = wayOf(checks).map(({ name, status }) => `${paint(marks[status], status)} ${name}`);
  return steps.length === 0 ? [] : [['Slack', ...steps].join(' ')];
}
