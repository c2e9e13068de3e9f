import { expect, it } from 'vitest'
import { publishSourceOf } from '#api/publisher.ts'

it.each(['x', undefined, 7, {}, [new Blob()], [{ path: 'a' }], [{ content: new Blob() }], [undefined]])(
  'says what can be published instead of %o',
  (items) => {
    expect(() => publishSourceOf(items as unknown as Blob)).toThrow(
      expect.objectContaining({
        code: 'PUBLISH_EXPECTED',
        message: expect.stringContaining('publish takes a Blob'),
      }),
    )
  },
)

it('takes a folder, and a file without a path', () => {
  const content = new Blob(['moon'])
  expect(publishSourceOf([{ path: 'a/b.txt', content }])).toMatchObject({ kind: 'folder' })
  expect(publishSourceOf([{ path: '', content }])).toMatchObject({ kind: 'file' })
})
