/** The part of npm's cmd-shim that is used; it has no types of its own. */
declare module 'cmd-shim' {
  export default function cmdShim(from: string, to: string): Promise<void>;
}
