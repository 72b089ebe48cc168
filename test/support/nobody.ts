import { chown } from 'node:fs/promises';

/** For `spawn`: servers that refuse to run as root run as the user nobody, who exists everywhere. */
export const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** Gives a file to the user that {@link asNobody} runs a program as. */
export async function giveToNobody(path: string): Promise<void> {
  if (asNobody.uid !== undefined) await chown(path, asNobody.uid, asNobody.gid);
}
