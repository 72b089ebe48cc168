import { describeCheck } from '../../doctor/catalogue/catalogue.ts';
import type { Check } from '../../doctor/check.ts';
import type { ExamineOptions } from '../../doctor/examine.ts';
import { paint } from '../../doctor/report/text.ts';
import type { EndedCheck } from '../../doctor/runner.ts';
import { penFor } from '../../terminal/colour.ts';
import type { Terminal } from '../../terminal/terminal.ts';

export interface Progress {
  readonly listeners: Required<Pick<ExamineOptions, 'onStart' | 'onEnd' | 'onRepeat'>>;
  close(): void;
}

/**
 * Shows the progress of a run on stderr: on a terminal, lines that are redrawn. Elsewhere, as in the log of a pipeline,
 * the report lists each check anyway, so there is one line at the start, and one per check with `--verbose`.
 */
export async function openProgress(terminal: Terminal, checks: readonly Check[]): Promise<Progress> {
  const pen = await penFor(terminal, 'stderr');
  const width = Math.max(...checks.map(({ id }) => id.length));
  const line = ({ check, result: { status, detail } }: EndedCheck) =>
    `${paint(status, status, pen)}  ${check.id.padEnd(width)}  ${status === 'skip' ? pen.dim(detail) : detail}`;
  const again = (ids: string) => `${ids}: retrying until the time of --wait is up`;
  if (!terminal.redraws) {
    let failed: string | undefined;
    terminal.note(`running ${checks.length === 1 ? 'one check' : `${checks.length} checks`}`);
    return {
      listeners: {
        onStart: () => undefined,
        onEnd: (ended) => {
          if (ended.result.status !== 'skip') terminal.detail(line(ended));
        },
        onRepeat: ({ checks: seen }) => {
          const before = failed;
          failed = failedOf(seen);
          if (failed !== before) terminal.note(again(failed));
        },
      },
      close: () => undefined,
    };
  }

  const { openLiveLines } = await import('../../terminal/live-lines.ts');
  const live = openLiveLines();
  const running = new Set<Check>();
  let done: EndedCheck[] = [];
  let note: string | undefined;
  const draw = () =>
    live.show([
      ...(note === undefined ? [] : [pen.dim(note)]),
      ...done.filter(({ result }) => result.status === 'fail' || result.status === 'warn').map(line),
      ...[...running].map(({ id }) => pen.dim(`…     ${id.padEnd(width)}  ${describeCheck(id).title}`)),
      pen.dim(`${done.length} of ${checks.length}`),
    ]);
  return {
    listeners: {
      onStart: (check) => {
        running.add(check);
        draw();
      },
      onEnd: (ended) => {
        running.delete(ended.check);
        done.push(ended);
        draw();
      },
      onRepeat: ({ checks: seen }) => {
        note = again(failedOf(seen));
        done = [];
        draw();
      },
    },
    close: () => live.clear(),
  };
}

/** A run that reached its time limit, or warned with --strict, may have no failure. */
function failedOf(checks: readonly { readonly id: string; readonly status: string }[]): string {
  const failed = checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
  return failed.join(', ') || 'not finished, or with warnings';
}
