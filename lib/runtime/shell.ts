/** Words as a shell takes them, whatever is in them. */

export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
export const quoteAll = (words: readonly string[]): string => words.map(quote).join(' ')
