import type { OpenedObject } from '#api/object-types.ts'
import { type CyfsLink, formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'

/** How an opened object is shown. */
export type PreviewKind = 'image' | 'video' | 'audio' | 'text' | 'page'

const TEXTS = /^(text\/|application\/(json|xml)$)/

/** By what its owner says that it is; undefined for what no browser shows. */
export function previewKind({ type, mime = '', entries }: OpenedObject): PreviewKind | undefined {
  if (type === 'Dir') return entries?.some(({ path }) => path === 'index.html') ? 'page' : undefined
  if (type !== 'File' && type !== 'Chunk') return undefined
  if (mime === 'text/html') return 'page'
  if (mime.startsWith('image/')) return 'image'
  if (mime.startsWith('video/')) return 'video'
  if (mime.startsWith('audio/')) return 'audio'
  return TEXTS.test(mime) ? 'text' : undefined
}

/** The whole link of what a person opened by a link or by an id alone. */
export function wholeLink(link: string, { id, owner = id }: Pick<OpenedObject, 'id' | 'owner'>): string {
  const text = link.trim()
  return /^cyfs:/i.test(text) ? text : formatCyfsLink({ type: 'o', zone: owner, id, inner: '' })
}

/** The link of a file in a folder, by its path there. */
export function linkInFolder(folder: string, path: string): string {
  const link = parseCyfsLink(folder)
  return formatCyfsLink({ ...link, inner: link.inner === '' ? path : `${link.inner}/${path}` })
}

/** The link of the folder that a link leads into; undefined for one without a path, and for what is no link to an object. */
export function folderOfLink(text: string): string | undefined {
  const link = parsedLink(text.trim())
  if (link === undefined || link.type !== 'o' || link.inner === '') return undefined
  return formatCyfsLink({ ...link, inner: '' })
}

/** What a person typed may be anything. */
function parsedLink(text: string): CyfsLink | undefined {
  try {
    return parseCyfsLink(text)
  } catch {
    return undefined
  }
}

/**
 * The URL of this page's origin that gives what a link leads to ([OB19]); folders end in a slash, so that their page's
 * own links lead into them.
 */
export function cyfsUrl(link: string, isFolder: boolean): string {
  const place = formatCyfsLink(parseCyfsLink(link)).slice('cyfs://'.length)
  const [path = '', query] = place.split('?', 2)
  return `./cyfs/${path}${isFolder ? '/' : ''}${query === undefined ? '' : `?${query}`}`
}
