import type { PlacementService } from '#objects/placement-service.ts'

/** Placements whose code is still on its way: each call waits for it. */
export function lazyPlacements(loading: Promise<PlacementService>): PlacementService {
  loading.catch(() => {}) // told by each call
  return {
    load: async () => (await loading).load(),
    watch: async (listener) => (await loading).watch(listener),
    ingest: async (envelopes) => (await loading).ingest(envelopes),
    digests: async () => (await loading).digests(),
    bucketsUnlike: async (digests) => (await loading).bucketsUnlike(digests),
    readBucket: async (bucket) => (await loading).readBucket(bucket),
    findObject: async (id) => (await loading).findObject(id),
    recheck: async (parcels) => (await loading).recheck(parcels),
    next: async (parcel) => (await loading).next(parcel),
  }
}
