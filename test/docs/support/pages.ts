import { readdir, readFile } from 'node:fs/promises';

const root = new URL('../../../', import.meta.url);

/** A command line that a page shows. */
export interface CommandLine {
  /** Where it is, such as `docs/env.md:12`. */
  readonly place: string;
  readonly text: string;
  /** Whether it is in a block, to be copied; else a sentence mentions it. */
  readonly inBlock: boolean;
  /** Whether the block shows output too. */
  readonly isConsole: boolean;
  /** What the page shows below it, in a console block. */
  readonly output: readonly string[];
  /** The lines of the page that it and its output take, from 0; the end is exclusive. */
  readonly range: readonly [start: number, end: number];
}

/** README.md and the pages of docs/, by their place in the repository. */
export async function pageNames(): Promise<readonly string[]> {
  const docs = await readdir(new URL('docs/', root), { recursive: true });
  const pages = docs
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.md'));
  return ['README.md', ...pages.sort()];
}

export function readPage(name: string): Promise<string> {
  return readFile(new URL(name, root), 'utf8');
}

/** The command lines of a page: in blocks of `sh` and `console`, and in sentences that mention the program. */
export function commandLines(name: string, page: string): readonly CommandLine[] {
  const found: CommandLine[] = [];
  let fence: { readonly indent: string; readonly language: string } | undefined;
  const lines = page.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const [, indent = '', language] = /^( *)```(\w*)/.exec(line) ?? [];
    if (language !== undefined) {
      fence = fence ? undefined : { indent, language };
    } else if (!fence) {
      for (const [, text = ''] of line.matchAll(/`(spacelift-slack(?: [^`]+)?)`/g)) {
        found.push({
          place: `${name}:${at + 1}`,
          text,
          inBlock: false,
          isConsole: false,
          output: [],
          range: [at, at + 1],
        });
      }
    } else if (
      fence.language === 'sh' ||
      (fence.language === 'console' && line.startsWith(`${fence.indent}$ `))
    ) {
      const start = at;
      const isConsole = fence.language === 'console';
      let text = line.slice(fence.indent.length + (isConsole ? 2 : 0));
      while (text.endsWith('\\')) text = `${text.slice(0, -1)}${lines[++at]?.trim() ?? ''}`;
      const output: string[] = [];
      while (isConsole && !/^ *(```|\$ )/.test(lines[at + 1] ?? '```')) {
        output.push((lines[++at] ?? '').slice(fence.indent.length));
      }
      const isComment = text.trim() === '' || text.startsWith('#');
      if (!isComment) {
        found.push({
          place: `${name}:${start + 1}`,
          text,
          inBlock: true,
          isConsole,
          output,
          range: [start, at + 1],
        });
      }
    }
  }
  return found;
}

/** The command lines of all pages. */
export async function allCommandLines(): Promise<readonly CommandLine[]> {
  const pages = await Promise.all(
    (await pageNames()).map(async (name) => commandLines(name, await readPage(name))),
  );
  return pages.flat();
}
