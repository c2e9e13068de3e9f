/** 50,000 parcels in 256 buckets: 8 KiB of digests say which of them two tabs hold alike. */
export const PLACEMENT_BUCKETS = 256
export const BUCKET_DIGEST_BYTES = 32
