import { AppBase, type Entity, NullGraphicsDevice } from 'playcanvas'
import { expect, test } from 'vitest'
import { createPortalRings } from '#world/portal-rings.ts'
import { createApp } from '#world/world-app.ts'

test('[CH5] rings that are replaced keep what they are drawn with', () => {
  const canvas = { id: 'world', width: 8, height: 8 } as unknown as HTMLCanvasElement
  const app = createApp(canvas, new NullGraphicsDevice(canvas))
  expect(app).toBeInstanceOf(AppBase)
  const rings = createPortalRings(app.graphicsDevice)
  app.root.addChild(rings.entity)
  const meshes = () =>
    rings.entity.children.flatMap((portal) =>
      ((portal as Entity).render?.meshInstances ?? []).map(({ mesh }) => mesh?.vertexBuffer ?? null),
    )
  for (const places of [
    [{ x: 1, z: 2 }],
    [],
    [
      { x: 3, z: 4 },
      { x: 5, z: 6 },
    ],
  ]) {
    rings.set(places)
    expect(rings.places).toEqual(places)
    expect(meshes()).toHaveLength(2 * places.length)
    expect(meshes()).not.toContain(null)
  }
  rings.destroy()
  app.destroy()
})
