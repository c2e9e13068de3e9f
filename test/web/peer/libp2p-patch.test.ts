import { describe, expect, it } from 'vitest'

/** Not exported by the package: imported by path. What fails without patches/libp2p: see docs/upstream.md. */
const SOURCE = '../../../node_modules/libp2p/dist/src/registrar.js'

describe('patched libp2p', () => {
  it('gives middleware away as a copy: every inbound stream appends its handler to what it gets', async () => {
    const { Registrar } = await import(SOURCE)
    const registrar = new Registrar({
      logger: { forComponent: () => () => {} },
      events: new EventTarget(),
    })
    const own = () => {}
    registrar.use('/protocol', [own])
    registrar.getMiddleware('/protocol').push(() => {})
    expect(registrar.getMiddleware('/protocol')).toEqual([own])
    expect(registrar.getMiddleware('/other')).toEqual([])
  })
})
