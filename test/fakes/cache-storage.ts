/** The browser's CacheStorage as far as it is used: by URL, in the order of making. */
export function createFakeCaches(): CacheStorage & { readonly kept: Map<string, Map<string, Response>> } {
  const kept = new Map<string, Map<string, Response>>()
  const toCache = (entries: Map<string, Response>) =>
    ({
      match: async (url: string) => entries.get(url)?.clone(),
      put: async (url: string, response: Response) => void entries.set(url, response),
    }) as unknown as Cache
  return {
    kept,
    open: async (name: string) => {
      const entries = kept.get(name) ?? new Map<string, Response>()
      kept.set(name, entries)
      return toCache(entries)
    },
    keys: async () => [...kept.keys()],
    delete: async (name: string) => kept.delete(name),
  } as CacheStorage & { readonly kept: Map<string, Map<string, Response>> }
}
