/**
 * The version of an IP address, 4 or 6; 0 if the text is not one. node:net takes some milliseconds to load, so the files
 * that define options load it here, when there is an address to examine.
 */
export function ipVersion(text: string): number {
  return process.getBuiltinModule('node:net').isIP(text);
}
