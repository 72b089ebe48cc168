import type { ChalkInstance } from 'chalk';
import { explainError } from '../slack/error-words/error-words.ts';
import { visible } from '../text/visible.ts';
import type { RequestKind } from './requests.ts';
import type { EndpointResponse } from './send-request.ts';
import { type Expectation, slackTimeoutMs, type Verdict } from './verdict.ts';

/** The number of characters of a body that are shown. */
const shownCharacters = 2000;

export interface ResponseReport {
  readonly kind: RequestKind;
  readonly url: URL;
  readonly expectation: Expectation;
  readonly response: EndpointResponse | 'late';
  readonly verdict: Verdict;
}

/** The response, and whether Slack would accept it, as text. */
export function renderResponseText(
  { kind, url, expectation, response, verdict }: ResponseReport,
  pen: ChalkInstance,
): string {
  const lines = [`POST ${url.href}  ${pen.dim(kind)}`];
  if (response === 'late') {
    lines.push(pen.bold('no response'));
  } else {
    const type = response.contentType === '' ? '' : `, ${visible(response.contentType)}`;
    lines.push(
      `${pen.bold(response.status)} in ${response.milliseconds} ms (limit ${slackTimeoutMs} ms)${type}`,
    );
    const { text, cut } = cleanBody(response);
    for (const line of text === '' ? ['(empty body)'] : text.split('\n')) lines.push(pen.dim(`  ${line}`));
    if (cut) lines.push(pen.dim('  … (truncated)'));
  }
  lines.push(
    verdict.ok ? pen.green(`✓ ${outcomes[expectation].ok}`) : pen.red(`✗ ${outcomes[expectation].failed}`),
  );
  lines.push(...verdict.problems.map((problem) => `  ${visible(problem)}`));
  if (verdict.note !== undefined) lines.push(pen.yellow(`! ${verdict.note}`));
  const shown = verdict.word === undefined ? undefined : explainError(verdict.word);
  if (shown) {
    lines.push(`  Slack would show: ${shown.shown ?? shown.word}`, `  spacelift-slack explain ${shown.word}`);
  }
  return `${lines.join('\n')}\n`;
}

const outcomes = {
  accepted: {
    ok: 'Slack would accept this response.',
    failed: 'Slack would reject this response.',
  },
  rejected: {
    ok: 'Forged request rejected, as it should be.',
    failed: 'Forged request not rejected.',
  },
} as const satisfies Record<Expectation, object>;

/** The same as JSON. */
export function renderResponseJson({ kind, url, expectation, response, verdict }: ResponseReport): string {
  const shown =
    response === 'late'
      ? null
      : {
          status: response.status,
          contentType: visible(response.contentType),
          location: response.location === undefined ? null : visible(response.location),
          body: cleanBody(response).text,
          bodyCut: cleanBody(response).cut,
          durationMs: response.milliseconds,
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
    response: shown,
  };
  return JSON.stringify(report, null, 2);
}

/** The start of a body. All control characters except line breaks are made visible. */
function cleanBody({ body, cut }: EndpointResponse): { text: string; cut: boolean } {
  const text = body.slice(0, shownCharacters).trimEnd().split(/\r?\n/).map(visible).join('\n');
  return { text, cut: cut || body.length > shownCharacters };
}
