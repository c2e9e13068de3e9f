/** What a page says, read from its bytes; it is never parsed into a document and nothing of it runs. */
export interface PageText {
  readonly title: string
  /** words between its tags, single spaces between them */
  readonly text: string
}

/** What is between these is not for reading; the end may be cut off. */
const UNREAD =
  /<(script|style|template|noscript|svg|head|title)\b[\s\S]*?(?:<\/\1\s*>|$)|<!--[\s\S]*?(?:-->|$)/gi
const TAGS = /<[^<>]*(?:>|$)/g
const TITLE = /<title[^<>]*>([^<]*)/i
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

/** Title and text of HTML, or of its beginning: some kilobytes at most. */
export function readPageText(html: string): PageText {
  return {
    title: plain(TITLE.exec(html)?.[1] ?? ''),
    text: plain(html.replace(UNREAD, ' ').replace(TAGS, ' ')),
  }
}

/** Does a text begin as a page does? */
export function isPage(text: string): boolean {
  return /^\s*<(?:!doctype html|html)\b/i.test(text)
}

function plain(text: string): string {
  const decoded = text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi,
    (all, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? all
      return characterOf(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal))
    },
  )
  return decoded.replace(/\s+/g, ' ').trim()
}

/** Control characters and what is no character read as a space. */
function characterOf(code: number): string {
  return code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    ? String.fromCodePoint(code)
    : ' '
}
