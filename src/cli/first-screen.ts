import type { CommandEntry } from './program.ts';

/** What the program prints on a terminal if it is started without arguments. It fits 20 rows. */
export function firstScreen(commands: readonly CommandEntry[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const groups = [...new Set(commands.map(({ group }) => group))].map((title) => {
    const rows = commands
      .filter(({ group }) => group === title)
      .map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
    return [`${title}:`, ...rows].join('\n');
  });
  return `spacelift-slack connects a self-hosted Spacelift to Slack, and checks it.

New here?  spacelift-slack init

${groups.join('\n\n')}

More about a command:  spacelift-slack help <command>
`;
}
