const missing = new Set(['not noticed', 'not reached']);

/**
 * The table by file, and the changes that no test notices.
 *
 * @param {{ file: string, line: number, original: string, replacement: string, outcome: string }[]} changes
 */
export function report(changes) {
  const byFile = Map.groupBy(changes, ({ file }) => file);
  const rows = [...byFile].map(([file, inFile]) => [file, ...counts(inFile)]);
  const head = ['File', 'Changes', 'Noticed', 'Score', 'Timed out', 'Left out'];
  const missed = [...byFile].flatMap(([file, inFile]) => describeMissed(file, inFile));
  return [...table([head, ...rows, ['all', ...counts(changes)]]), '', ...missed].join('\n');
}

function counts(changes) {
  const count = (...outcomes) => changes.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const leftOut = count('left out');
  const counted = changes.length - leftOut;
  const noticed = count('noticed', 'timed out');
  const score = counted === 0 ? '-' : `${((100 * noticed) / counted).toFixed(1)}%`;
  return [counted, noticed, score, count('timed out'), leftOut];
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => `${row[column]}`.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : `${cell}`.padStart(widths[column])))
      .join('  '),
  );
}

function describeMissed(file, changes) {
  if (changes.every(({ outcome }) => outcome === 'not reached')) return [`${file}: no test reaches it`];
  return changes.filter(({ outcome }) => missing.has(outcome)).map(describe);
}

function describe({ file, line, original, replacement, outcome }) {
  return `${file}:${line}: ${outcome}: ${onLine(original)} -> ${onLine(replacement)}`;
}

function onLine(text) {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
