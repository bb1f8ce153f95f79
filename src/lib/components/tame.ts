/**
 * Text that a stranger wrote, made harmless to look at: no control or direction-changing characters, no towers of
 * combining marks, and no more than `most` characters. It is still only ever rendered as text.
 */
export function tame(text: string, most: number): string {
  const plain = text
    .replace(/[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu, (found) =>
      found === '\n' ? found : '',
    )
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  const letters = Array.from(plain.slice(0, most * 2 + 2));
  return letters.length > most ? `${letters.slice(0, most).join('')}\u2026` : plain;
}
