/**
 * Every bound in one place, each with its derivation. What breaks one is refused with a typed error
 * before memory is spent.
 */

const KIB = 1024
const MIB = 1024 * KIB

/** UnixFS chunk of files and texts ([KG2]), as `ipfs add` of the CIDv0 profile. */
export const CHUNK_BYTES = 256 * KIB
/** Links in one dag-pb node ([KG2]). */
export const DAG_LINKS = 174

/** Largest block accepted from a peer: bitswap's own bound, 8 chunks. */
export const MAX_BLOCK_BYTES = 2 * MIB
/** 174³ leaves hold 1.2 TiB: no honest file of this profile is deeper. */
export const MAX_DAG_DEPTH = 4
/** A 15 MB model is 60 chunks; a published file may be 1 GiB: 4,096 leaves and 25 nodes, rounded up. */
export const MAX_DAG_NODES = 8_192
/** Bytes streamed out of one DAG, whatever its nodes claim. */
export const MAX_FILE_BYTES = 1024 * MIB

/** Gossip: a full link batch is 256 · 68 + ~200 bytes with its delegation (≈ 18 KiB); doubled and rounded up. */
export const MAX_GOSSIP_BYTES = 64 * KIB
/** One frame of a request's answer. */
export const MAX_FRAME_BYTES = 256 * KIB
/** One request: 256 placement buckets of 32 bytes, or 4,096 feed heads of 72 bytes (≈ 288 KiB). */
export const MAX_REQUEST_BYTES = 320 * KIB

/** [KG1] */
export const MAX_LINKS_PER_BATCH = 256
/** A record may be this far ahead of our clock: phones drift by seconds, badly set ones by a minute. */
export const MAX_CLOCK_SKEW_MS = 60_000
/** Feeds whose heads fit one request. */
export const MAX_FEEDS = 4_096
/** Links held by one tab: 1 M links take about 150 MB with their index. */
export const MAX_LINKS = 1_000_000
/** A text that stands for a query: longer texts are content, not something a person types. */
export const MAX_QUERY_BYTES = 256
/** A text shown as a snippet. */
export const MAX_SNIPPET_BYTES = 4 * KIB

/** [WO2] per parcel */
export const MAX_MODEL_TRIANGLES = 10_000
export const MAX_MODEL_BYTES = 15_000_000
export const MAX_MODEL_TEXTURES = 16
export const MAX_MODEL_MATERIALS = 16
/** 15 MB of JPEG may claim any size; 2048² · 16 textures is the most a phone's GPU should be asked for. */
export const MAX_TEXTURE_SIDE = 2_048
/** metres; 20 m · log₂(n + 1) for n = 1 parcel */
export const MAX_MODEL_HEIGHT_M = 20

/** [NE2] */
export const MAX_RESERVATIONS = 3
/** [NE4] direct peers that a tab keeps by itself; more may dial it. */
export const MIN_DIRECT_PEERS = 4
export const MAX_DIRECT_PEERS = 8
export const MAX_CONNECTIONS = 100
/** Peers kept in the list of who is here. */
export const MAX_KNOWN_PEERS = 1_024

/** A heartbeat every 5 s; a peer that missed four is gone (closed tabs leave within 30 s). */
export const HEARTBEAT_MS = 5_000
export const PEER_EXPIRY_MS = 21_000
