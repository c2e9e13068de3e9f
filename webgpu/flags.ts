/** Flags of the WebGPU specification as numbers: the globals that name them are missing outside browsers. */

/** https://www.w3.org/TR/webgpu/#buffer-usage */
export const BUFFER = {
  mapRead: 0x01,
  copySource: 0x04,
  copyTarget: 0x08,
  uniform: 0x40,
  storage: 0x80,
} as const

/** https://www.w3.org/TR/webgpu/#buffer-map-mode */
export const MAP_READ = 0x01
