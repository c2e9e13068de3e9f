/** What is named of a page that loads more than it should: enough to see who put it there. */
const MAX_NAMED = 5
const MAX_SHOWN_CHARACTERS = 120
/** Facts about the relay, no part of the page. */
const FACTS = 'tabland.json'

/**
 * What a page's HTML names that is no file of it, in clauses for people: a hint where to look, for the bytes have
 * been judged by their hash already.
 */
export function strangersIn(html: string, known: ReadonlySet<string>): readonly string[] {
  const links = [...html.matchAll(/\b(?:src|href)\s*=\s*["']?([^"'\s>]+)/gi)]
    .map(([, link = '']) => link)
    .filter((link) => !/^(?:data:|#)/i.test(link))
    .filter((link) => !known.has(link.replace(/^\.?\//, '')) && link.replace(/^\.?\//, '') !== FACTS)
    .map((link) => `index.html names ${link.slice(0, MAX_SHOWN_CHARACTERS)}, which is no file of the page`)
  const inlined = /<script(?![^>]*\bsrc\s*=)[^>]*>/i.test(html)
    ? ['index.html holds a script of its own']
    : []
  return [...new Set([...inlined, ...links])].slice(0, MAX_NAMED)
}
