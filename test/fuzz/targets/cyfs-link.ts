import { utf8 } from '#core/bytes.ts'
import { MAX_LINK_CHARS } from '#core/limits.ts'
import { formatCyfsLink, parseCyfsLink } from '#objects/cyfs-link.ts'
import type { FuzzTarget } from '../fuzz.ts'

const ZONE = '5r4MYfFUT9H4pBnWgbqiegv7ogkwoWwSTe9P8whF5Sa8'
const ID = '5aSixgLnhrKFTs4TPU4hgurJdSTyTng5ZR9xDWuQ3HKc'
const LINKS = [
  `cyfs://o/${ZONE}/${ID}/img/a%20b.png?mode=data&mime=image/png`,
  `cyfs://${ZONE}.r/${ID}/state/gr%C3%BC%C3%9Fe?mode=json`,
  `cyfs://v1.${ID}.a/index.html`,
  'cyfs://eips/index.html?mime=txt&mode=object',
  'cyfs://o/alice/eips/',
]

/** [OB16] What is taken has one text, which is taken as the same link. */
export function cyfsLinkTarget(): FuzzTarget {
  const decoder = new TextDecoder()
  return {
    name: 'cyfs-link',
    seeds: LINKS.map(utf8),
    maxInputBytes: 2 * MAX_LINK_CHARS,
    codes: ['CYFS_LINK_INVALID'],
    run(input) {
      const link = parseCyfsLink(decoder.decode(input))
      const text = formatCyfsLink(link)
      const again = parseCyfsLink(text)
      if (JSON.stringify(again) !== JSON.stringify(link))
        throw new Error(`${text} is another link when read again`)
    },
  }
}
