import type { Logger, LogLevel } from '../../src/server/operations/log.ts';

/** A log of any level that keeps its lines. */
export function recordedLog(): {
  readonly log: Logger;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
} {
  const lines: Record<string, unknown>[] = [];
  const at =
    (level: LogLevel): Logger['info'] =>
    (...line) => {
      const [fields, msg] = line.length === 1 ? [{}, line[0]] : line;
      lines.push({ level, ...fields, msg });
    };
  const log = {
    isLevelEnabled: () => true,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
  return { log, lines };
}
