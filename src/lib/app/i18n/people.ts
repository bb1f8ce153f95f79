/** How many, in words that fit one and many. */
export const people = (n: number, one: string, many: string): string =>
  `${n} ${n === 1 ? one : many}`;
