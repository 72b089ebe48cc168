import { visible } from './visible.ts';

export type AnnotationLevel = 'error' | 'warning' | 'notice';

/**
 * A GitHub workflow command that shows a message on a run, beside a line of a file if `properties` name one. The result
 * is always one command on one line (GitHub: Workflow commands for GitHub Actions), without control characters: the log
 * is read on terminals too.
 */
export function annotation(
  level: AnnotationLevel,
  message: string,
  properties: Readonly<Record<string, string | number>>,
): string {
  const list = Object.entries(properties).map(
    ([name, value]) => `${name}=${escapeProperty(visible(String(value)))}`,
  );
  const lines = message.split(/\r?\n/).map(visible);
  return `::${level}${list.length > 0 ? ` ${list.join(',')}` : ''}::${escapeData(lines.join('\n'))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** A GitHub workflow command that masks a value in the rest of the log. */
export function addMask(value: string): string {
  return `::add-mask::${escapeData(value)}`;
}
