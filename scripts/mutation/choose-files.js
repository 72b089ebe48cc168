import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files that the patterns match, such as `src/slack/*.ts`, `!src/slack/sign.ts`; without a pattern, those that Stryker
 * takes.
 *
 * @param {string} sandbox
 * @param {string[]} patterns
 */
export function chooseFiles(sandbox, patterns) {
  const all = patterns.length > 0 ? patterns : defaultPatterns(sandbox);
  const exclude = all.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const matching = all
    .filter((pattern) => !pattern.startsWith('!'))
    .flatMap((pattern) => {
      const files = globSync(pattern, { cwd: sandbox, exclude });
      if (files.length === 0) throw new Error(`no file matches ${pattern}`);
      return files;
    });
  return [...new Set(matching)].sort();
}

function defaultPatterns(sandbox) {
  return JSON.parse(readFileSync(join(sandbox, 'stryker.config.json'), 'utf8')).mutate;
}
