import { tool } from '../../package.ts';
import { type CheckId, describeCheck, type Group } from '../catalogue/catalogue.ts';
import type { Status } from '../check.ts';
import { oauthPath, webhookPath } from '../probe/slack-probe.ts';
import { type CheckRun, endDescriptions, type RunEnd } from '../runner.ts';
import type { Target } from '../subject.ts';

export interface CheckReport {
  readonly id: CheckId;
  readonly group: Group;
  readonly status: Status;
  readonly title: string;
  readonly detail: string;
  readonly hint: string | null;
  /** The command that explains the check. */
  readonly docs: string;
  readonly durationMs: number;
  /** The check because of which this one was not run. */
  readonly blockedBy: CheckId | null;
}

/** What every format shows, and what `--format json` prints; schemas/doctor-report.schema.json describes it. */
export interface Report {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: string; readonly version: string };
  /** Every value is null in a run without a domain. */
  readonly target: Readonly<Record<'domain' | 'webhookUrl' | 'oauthUrl', string | null>>;
  /** From where it was made, and what was not as Slack would see it. */
  readonly vantage: string;
  readonly ok: boolean;
  /** How the run ended: by itself, by Ctrl-C or a signal, or by --timeout. */
  readonly end: RunEnd;
  readonly summary: Readonly<Record<Status, number>>;
  readonly checks: readonly CheckReport[];
}

/** A report, and what decides whether the run failed. */
export interface Examination {
  readonly report: Report;
  /** True if a warning counts as a failure. */
  readonly strict: boolean;
  /** Why the run itself is no success, whatever its checks are, as a clause. */
  readonly runProblem: string | undefined;
}

/** Whether a check makes the run fail. */
export function failsRun({ status }: Pick<CheckReport, 'status'>, { strict }: Pick<Examination, 'strict'>) {
  return status === 'fail' || (strict && status === 'warn');
}

export interface ReportOptions {
  /** Undefined in a run without a domain. */
  readonly target: Target | undefined;
  readonly vantage: string;
  /** True if a warning counts as a failure. */
  readonly strict: boolean;
}

/** Makes the report of a run: groups, counts, failed checks and verdict. */
export function makeReport(run: CheckRun, { target, vantage, strict }: ReportOptions): Examination {
  const checks = run.ended.map(({ check, result, durationMs, blockedBy }): CheckReport => {
    const { id, group, title } = describeCheck(check.id);
    return {
      id,
      group,
      status: result.status,
      title,
      detail: result.detail,
      hint: result.hint ?? null,
      docs: `${tool.name} explain ${id}`,
      durationMs,
      blockedBy: blockedBy ?? null,
    };
  });
  const count = (status: Status) => checks.filter((check) => check.status === status).length;
  const summary = { pass: count('pass'), warn: count('warn'), fail: count('fail'), skip: count('skip') };
  const runProblem = describeProblem(run.end, strict && summary.skip === checks.length);
  const report: Report = {
    schemaVersion: 1,
    tool: { name: tool.name, version: tool.version },
    target: {
      domain: target?.domain ?? null,
      webhookUrl: target ? `https://${target.webhookDomain}${webhookPath}` : null,
      oauthUrl: target ? `https://${target.domain}${oauthPath}` : null,
    },
    vantage,
    ok: runProblem === undefined && !checks.some((check) => failsRun(check, { strict })),
    end: run.end,
    summary,
    checks,
  };
  return { report, strict, runProblem };
}

/** What a report shows in place of a missing domain and its URL. */
export const noDomain = 'No domain is given: only what needs none is checked.';

/** What a report is about, as a title: `doctor` and the domain, if there is one. */
export function titleOf({ target }: Pick<Report, 'target'>): string {
  return target.domain === null ? 'doctor' : `doctor ${target.domain}`;
}

function describeProblem(end: RunEnd, nothingChecked: boolean): string | undefined {
  if (end !== 'finished') return endDescriptions[end];
  return nothingChecked ? 'every check was skipped, which --strict counts as a failure' : undefined;
}
