import type { TerminalWindow } from './tmux.ts';

/** Answers a question once it is open: `?` is before it, and a check mark before those that are answered. */
export async function answer(
  terminal: TerminalWindow,
  question: string,
  text: string,
  key = 'Enter',
): Promise<void> {
  await terminal.waitFor(`? ${question}`);
  if (text !== '') await terminal.type(text);
  await terminal.press(key);
}
