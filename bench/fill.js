const width = 120;
/** A code span or a link stays on one line. */
const words = /(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+/g;

/**
 * Breaks the lines of paragraphs and lists in Markdown anew. Headings and tables stay as they are.
 *
 * @param {string} text without blocks of code
 * @returns {string}
 */
export function fill(text) {
  const blocks = text.trim().split(/\n{2,}/);
  return `${blocks.map((block) => (/^[#|]/.test(block) ? block : fillBlock(block))).join('\n\n')}\n`;
}

/** A paragraph, or a list of items that begin with a hyphen. */
function fillBlock(block) {
  return block
    .split(/\n(?=- )/)
    .map((item) => fillItem(item, item.startsWith('- ') ? '  ' : ''))
    .join('\n');
}

function fillItem(item, indent) {
  const [first, ...others] = item.match(words) ?? [''];
  const lines = [first];
  for (const word of others) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= width) lines.splice(-1, 1, longer);
    else lines.push(`${indent}${word}`);
  }
  return lines.join('\n');
}
