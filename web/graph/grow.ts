/** The array with twice the room, the new half filled with `fill`. */
export function grow<T extends Int32Array | Uint32Array | Float64Array>(array: T, fill = 0): T {
  const grown = new (array.constructor as new (length: number) => T)(2 * array.length)
  grown.set(array)
  if (fill !== 0) grown.fill(fill, array.length)
  return grown
}
