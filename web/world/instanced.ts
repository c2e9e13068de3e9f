import {
  BUFFER_DYNAMIC,
  Entity,
  type GraphicsDevice,
  type Material,
  type Mesh,
  MeshInstance,
  VertexBuffer,
  VertexFormat,
} from 'playcanvas'

export interface InstancedInit {
  readonly name: string
  readonly mesh: Mesh
  readonly material: Material
  readonly attributes: ConstructorParameters<typeof VertexFormat>[1]
  /** most instances ever drawn */
  readonly capacity: number
  readonly castShadows: boolean
  readonly receiveShadows: boolean
}

/** One mesh drawn many times from a buffer of records; one draw call. */
export interface Instanced {
  readonly entity: Entity
  /** the records; write, then `show` */
  readonly records: DataView
  /** triangles that are drawn */
  triangles(): number
  /** Draws the first `count` records as they are now. */
  show(count: number): void
  destroy(): void
}

export function createInstanced(device: GraphicsDevice, init: InstancedInit): Instanced {
  const format = new VertexFormat(device, init.attributes)
  const buffer = new VertexBuffer(device, format, init.capacity, { usage: BUFFER_DYNAMIC })
  const instance = new MeshInstance(init.mesh, init.material)
  instance.setInstancing(buffer)
  instance.instancingCount = 0
  const entity = new Entity(init.name)
  entity.addComponent('render', {
    meshInstances: [instance],
    castShadows: init.castShadows,
    receiveShadows: init.receiveShadows,
  })
  entity.enabled = false
  return {
    entity,
    records: new DataView(buffer.lock() as ArrayBuffer),
    triangles: () => instance.instancingCount * ((init.mesh.primitive[0]?.count ?? 0) / 3),
    show(count) {
      instance.instancingCount = count
      entity.enabled = count > 0
      if (count > 0) buffer.unlock(0, count * format.size)
    },
    destroy() {
      entity.destroy()
      buffer.destroy()
      init.material.destroy()
    },
  }
}
