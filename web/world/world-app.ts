import {
  AppBase,
  AppOptions,
  CameraComponentSystem,
  ContainerHandler,
  createGraphicsDevice,
  FILLMODE_NONE,
  type GraphicsDevice,
  LightComponentSystem,
  NullGraphicsDevice,
  RESOLUTION_AUTO,
  RenderComponentSystem,
} from 'playcanvas'
import type { WorldInit } from '#api/world.ts'
import { AppError } from '#core/errors.ts'

export type WorldErrorCode = 'WORLD_NO_GRAPHICS'

/** Sharper than twice the CSS pixel costs four times the work and shows nothing. */
const MAX_PIXEL_RATIO = 2

/** The engine's application, with its own loop taken out: `tick` runs when the world's loop says so. */
class OnDemandApp extends AppBase {
  override requestAnimationFrame(): void {}
}

/**
 * A graphics device for the canvas: WebGPU when present, else WebGL2.
 * @throws WORLD_NO_GRAPHICS
 */
export async function createDevice(
  canvas: HTMLCanvasElement,
  wanted: NonNullable<WorldInit['device']>,
): Promise<GraphicsDevice> {
  if (wanted === 'null') return new NullGraphicsDevice(canvas)
  const deviceTypes = wanted === 'auto' ? ['webgpu', 'webgl2'] : [wanted]
  let device: GraphicsDevice
  try {
    device = await createGraphicsDevice(canvas, { deviceTypes, antialias: true, powerPreference: 'default' })
  } catch (cause) {
    throw noGraphics(cause)
  }
  if (wanted === 'auto' || device.deviceType === wanted) {
    device.maxPixelRatio = Math.min(globalThis.devicePixelRatio ?? 1, MAX_PIXEL_RATIO)
    return device
  }
  device.destroy()
  throw noGraphics(`${wanted} was asked for, ${device.deviceType} is there`)
}

function noGraphics(cause: unknown): AppError<WorldErrorCode> {
  return new AppError<WorldErrorCode>(
    'WORLD_NO_GRAPHICS',
    'This browser gives no 3D graphics, neither WebGPU nor WebGL2. Everything but the world works; turn on ' +
      'hardware acceleration or use another browser to walk in it.',
    { cause },
  )
}

/** An application that draws only when ticked. */
export function createApp(canvas: HTMLCanvasElement, device: GraphicsDevice): AppBase {
  const app = new OnDemandApp(canvas)
  const options = new AppOptions()
  options.graphicsDevice = device
  options.componentSystems = [RenderComponentSystem, CameraComponentSystem, LightComponentSystem]
  options.resourceHandlers = [ContainerHandler]
  app.init(options)
  if (!device.isNull) {
    app.setCanvasFillMode(FILLMODE_NONE)
    app.setCanvasResolution(RESOLUTION_AUTO)
  }
  app.start()
  return app
}
