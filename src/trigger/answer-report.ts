import type { ChalkInstance } from 'chalk';
import { explainError } from '../slack/error-words/error-words.ts';
import { visible } from '../text/visible.ts';
import type { RequestKind } from './requests.ts';
import type { Answer } from './send-request.ts';
import { type AnswerVerdict, type Expectation, slackPatience } from './verdict.ts';

/** How many characters of a body are shown. */
const shownBody = 2000;

export interface AnswerReport {
  readonly kind: RequestKind;
  readonly url: URL;
  readonly expectation: Expectation;
  readonly answer: Answer | 'late';
  readonly verdict: AnswerVerdict;
}

/** What came back and whether Slack would be content with it, for reading. */
export function renderAnswerText(
  { kind, url, expectation, answer, verdict }: AnswerReport,
  pen: ChalkInstance,
): string {
  const lines = [`POST ${url.href}  ${pen.dim(kind)}`];
  if (answer === 'late') {
    lines.push(pen.bold('no answer'));
  } else {
    const type = answer.contentType === '' ? '' : `, ${visible(answer.contentType)}`;
    lines.push(
      `${pen.bold(answer.status)} after ${answer.milliseconds} ms (Slack waits for ${slackPatience})${type}`,
    );
    const { text, cut } = cleanBody(answer);
    for (const line of text === '' ? ['(empty body)'] : text.split('\n')) lines.push(pen.dim(`  ${line}`));
    if (cut) lines.push(pen.dim('  … (the body goes on)'));
  }
  const forged = expectation === 'refused';
  if (verdict.ok) {
    lines.push(
      pen.green(forged ? '✓ The forged request was dealt with as it must be.' : '✓ Slack would be content.'),
    );
  } else {
    lines.push(
      pen.red(forged ? '✗ The endpoint does not see through a forgery.' : '✗ Slack would not be content.'),
    );
    lines.push(...verdict.problems.map((problem) => `  ${visible(problem)}`));
  }
  if (verdict.note !== undefined) lines.push(pen.yellow(`! ${verdict.note}`));
  const shown = verdict.word === undefined ? undefined : explainError(verdict.word);
  if (shown)
    lines.push(`  In Slack: ${shown.shown?.[0] ?? shown.word}`, `  spacelift-slack explain ${shown.word}`);
  return `${lines.join('\n')}\n`;
}

/** The same for programs. */
export function renderAnswerJson({ kind, url, expectation, answer, verdict }: AnswerReport): string {
  const shown =
    answer === 'late'
      ? null
      : {
          status: answer.status,
          contentType: visible(answer.contentType),
          location: answer.location === undefined ? null : visible(answer.location),
          body: cleanBody(answer).text,
          bodyCut: cleanBody(answer).cut,
          durationMs: answer.milliseconds,
        };
  const report = {
    schemaVersion: 1,
    kind,
    url: url.href,
    expectation,
    ok: verdict.ok,
    problems: verdict.problems.map(visible),
    word: verdict.word ?? null,
    note: verdict.note ?? null,
    answer: shown,
  };
  return JSON.stringify(report, null, 2);
}

/** The start of a body, with every control character made visible but for line breaks. */
function cleanBody({ body, cut }: Answer): { text: string; cut: boolean } {
  const text = body.slice(0, shownBody).trimEnd().split(/\r?\n/).map(visible).join('\n');
  return { text, cut: cut || body.length > shownBody };
}
