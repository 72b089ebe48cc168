import { expect, it, onTestFinished } from 'vitest';
import { onlyParsed } from './support/not-run.ts';
import { allCommandLines } from './support/pages.ts';
import { createSetting, usualEnvironment } from './support/setting.ts';
import { parseShellLine } from './support/shell-line.ts';

it('runs each command line of README and docs', async () => {
  const setting = await createSetting(onTestFinished);
  const env = usualEnvironment(setting);
  const lines = (await allCommandLines())
    // Those of a guide depend on each other: guides.system.test.ts runs them in order.
    .filter(({ place }) => !place.startsWith('docs/guides/'))
    .filter(
      ({ text, inBlock }) =>
        (inBlock || /^spacelift-slack explain (?![A-Z<]+)/.test(text)) &&
        !onlyParsed.some(([pattern]) => pattern.test(text)),
    );
  const commands = [...new Map(lines.map((line) => [line.text, line])).values()].flatMap((line) =>
    parseShellLine(line.text)
      .filter(({ words: [program] }) => program === 'spacelift-slack')
      .map((command) => ({ ...line, command })),
  );
  const failed: string[] = [];
  const next = commands.values();
  const runAll = async () => {
    for (const { place, text, command } of next) {
      // A new app's credentials would replace those of another.
      const folder = await setting.folder(/ app create /.test(text) ? 'empty' : 'with-files');
      const { code, output } = await setting.run(command, folder, env);
      // 1 is what a check found, 143 the end of a server.
      if (![0, 1, 143].includes(code)) failed.push(`${place}: ${text}\nexit code ${code}: ${output}`);
    }
  };
  // All at once would be so slow that doctor reaches its time limit.
  await Promise.all(Array.from({ length: 4 }, runAll));
  expect(failed.join('\n\n')).toBe('');
  expect(commands.length).toBeGreaterThan(40);
});
