/** [KG20] what any page can import to check a rank */
export const VERIFIER = 'web/merkle/verify-rank.ts'
/** gzipped, with its SHA-256 */
export const MAX_VERIFIER_BYTES = 5_000
