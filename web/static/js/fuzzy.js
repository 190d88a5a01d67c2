// How well a few typed letters fit a name: each must come in it, in their order; the beginnings of words and letters
// side by side count more.

const bonus = { start: 12, word: 8, run: 6, hit: 1 };
const gapCost = 0.2;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// The score, or -Infinity where it does not fit. Words may come in any order: "bea assign" finds "Assign to Bea".
export function score(typed, name) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const text = plain(name);
  return words.reduce((sum, word) => sum + scoreWord(word, text), -text.length * 0.01);
}

function scoreWord(word, text) {
  let best = -Infinity;
  for (let start = text.indexOf(word[0]); start !== -1; start = text.indexOf(word[0], start + 1)) {
    best = Math.max(best, scoreFrom(word, text, start));
  }
  return best;
}

function scoreFrom(word, text, start) {
  let sum = 0;
  let last = -2;
  let place = start;
  for (const letter of word) {
    const found = text.indexOf(letter, place);
    if (found === -1) return -Infinity;
    const isWord = found === 0 || /[^\p{L}\p{N}]/u.test(text[found - 1]);
    sum += bonus.hit + (found === 0 ? bonus.start : isWord ? bonus.word : 0) + (found === last + 1 ? bonus.run : 0);
    sum -= last < 0 ? 0 : (found - last - 1) * gapCost;
    last = found;
    place = found + 1;
  }
  return sum;
}
