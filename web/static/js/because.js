// The words that carried a reading, lit in the text of their mention while its panel is open. Nothing is written into
// the page: they are ranges that the browser paints (where it can).

const name = "because";

const escaped = (word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function rangesOf(words, prose) {
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map(escaped).join("|")})(?![\\p{L}\\p{N}])`, "giu");
  const texts = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
  const ranges = [];
  while (texts.nextNode()) {
    for (const { index, 0: word } of texts.currentNode.data.matchAll(pattern)) {
      const range = new Range();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      ranges.push(range);
    }
  }
  return ranges;
}

export function light(words, prose) {
  if (!CSS.highlights || !words.length) return;
  CSS.highlights.set(name, new Highlight(...rangesOf(words, prose)));
}

export const unlight = () => CSS.highlights?.delete(name);
