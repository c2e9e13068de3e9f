import { gzipSync } from 'node:zlib'

/** Lines of WordNet 3.0, some shortened; the second noun's pointers lead to all other parts. */
export const PARTS = {
  noun: [
    '  1 This software and database is being provided to you, the LICENSEE, by  ',
    '00001740 03 n 01 entity 0 000 | that which is perceived or known or inferred to have its own distinct existence (living or nonliving)  ',
    '09358358 17 n 02 moon 2 Moon 0 004 @ 00001740 n 0000 ! 00004227 v 0101 ;c 00005599 a 0000 + 00005599 a 0101 | any natural satellite of a planet; "Jupiter has sixteen moons"  ',
    '',
  ].join('\n'),
  verb: '00004227 29 v 02 take_a_breath 1 breathe_out 0 001 @ 09358358 n 0000 02 + 02 00 + 08 00 | expel air; "Exhale when you lift the weight"  \n',
  adj: [
    "00005599 00 s 01 alone(p) 0 001 & 00005600 a 0000 | isolated from others; `solo'  ",
    `00005600 00 a 01 long 0 000 | ${'very '.repeat(80)}long  `,
    '',
  ].join('\n'),
  adv: '00001837 02 r 01 a_cappella 0 000 | without musical accompaniment; "they performed a cappella"  \n',
} as const

/** A tar archive of some files (ustar), gzipped. */
export function tarGz(files: Readonly<Record<string, Uint8Array | string>>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const bytes = Buffer.from(content)
    const header = Buffer.alloc(512)
    header.write(name, 0)
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('0', 156)
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1_024)]))
}
