/** Small pages that stand for an answer: no script, no style of their own but what is written here. */

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}' +
  'li{overflow-wrap:anywhere}'

/** What could not be shown, in a sentence. */
export function failurePage(title: string, sentence: string): string {
  return page(title, `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(sentence)}</p>`)
}

/** The files of a folder, by paths from where the page stands. */
export function listingPage(title: string, paths: readonly string[]): string {
  const items = paths.map((path) => {
    const href = path.split('/').map(encodeURIComponent).join('/')
    return `<li><a href="./${href}">${escapeHtml(path)}</a></li>`
  })
  return page(title, `<h1>${escapeHtml(title)}</h1><ul>${items.join('')}</ul>`)
}

function page(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>`
  return `<!doctype html><html lang="en"><head>${head}<style>${STYLE}</style></head><body>${body}</body></html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
