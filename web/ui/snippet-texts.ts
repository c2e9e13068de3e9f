import { plural } from './format.ts'

/** What cards of films, pages and folders say. */
export const snippetTexts = {
  video: 'Film',
  poster: 'A frame of the film',
  play: 'Play',
  fetching: (done: string, total: string) => `Fetching ${done} of ${total}`,
  tooLarge: (most: string) =>
    `A film of more than ${most} is not played here. Save it and open it in a player.`,
  unplayable: 'This browser cannot play it. Save it and open it in a player.',
  page: 'Page',
  pageHow: 'The words of the page. Nothing of it was run.',
  folder: 'Folder',
  files: (count: number) => plural(count, 'file'),
  andMore: (count: number) => `and ${plural(count, 'more file')}`,
}
