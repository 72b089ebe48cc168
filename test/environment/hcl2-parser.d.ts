/** The package has no types of its own. */
declare module 'hcl2-parser' {
  const parser: {
    /** The second is what is wrong with the text, or null. */
    parseToObject(text: string): [document: unknown, problem: unknown];
  };
  export default parser;
}
