/** A sentence or two. */
const MAX_SAID_CHARACTERS = 200
/** What is read of an answer that is quoted: the sentence above in any alphabet, with room for spaces. */
const MAX_SAID_BYTES = 4_096

/** What a stranger's server said, fit for a line of the log: no control characters, and not long. */
export function quote(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
  const characters = [...line]
  if (characters.length <= MAX_SAID_CHARACTERS) return line
  return `${characters.slice(0, MAX_SAID_CHARACTERS).join('')}…`
}

/** The beginning of a response's text, in one line; the rest is not fetched. */
export async function quoteResponse({ body }: Pick<Response, 'body'>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  // leaving the loop cancels the stream
  for await (const piece of body ?? []) {
    text += decoder.decode(piece.subarray(0, MAX_SAID_BYTES - bytes), { stream: true })
    bytes += piece.length
    if (bytes >= MAX_SAID_BYTES) break
  }
  return quote(text)
}
