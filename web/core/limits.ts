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
/** A file is two blocks at least: so many leave as many for the leaves of large ones below MAX_DAG_NODES. */
export const MAX_FOLDER_FILES = 2_048
/** Path of a file in a folder: four segments of the longest kind; a link has room for it with every byte as %XX. */
export const MAX_FOLDER_PATH_BYTES = 1_024
/** Bytes streamed out of one DAG, whatever its nodes claim. */
export const MAX_FILE_BYTES = 1024 * MIB

/** Gossip: a full link batch is 256 · 64 + ~500 bytes with its delegation (≈ 17 KiB); doubled and rounded up. */
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
/** Link batches in one block of a machine: most links of a busy second come one by one. */
export const MAX_BLOCK_BATCHES = 4_096
/** A block with its batches: 4,096 of 640 bytes, or 10,000 links of 64 bytes and their batches, rounded up. */
export const MAX_BLOCK_BUNDLE_BYTES = 4 * MIB
/** An answer with its proofs: 5,000 results of 750 bytes in a tree of a million; more is for who has the graph. */
export const MAX_ANSWER_BYTES = 4 * MIB
/** Links held by one tab: 1 M links take about 150 MB with their index, and a tab has a gigabyte or two. */
export const MAX_LINKS = 2_000_000
/** Every batch has a link, so no feed is longer than all links together. */
export const MAX_FEED_LENGTH = MAX_LINKS
/** Keys cost nothing yet: one neuron takes a fifth of a tab at most. WordNet, the largest sample, has 361,638 links. */
export const MAX_LINKS_PER_NEURON = 400_000
/** Particles that a search is to be relevant to: an app or a place names hundreds; each is looked up and weighed. */
export const MAX_CONTEXT_PARTICLES = 10_000
/** A text that stands for a query: longer texts are content, not something a person types. */
export const MAX_QUERY_BYTES = 256
/** A text shown as a snippet. */
export const MAX_SNIPPET_BYTES = 4 * KIB

/** [WO2] per parcel */
export const MAX_MODEL_TRIANGLES = 10_000
export const MAX_MODEL_BYTES = 15_000_000
export const MAX_MODEL_TEXTURES = 16
export const MAX_MODEL_MATERIALS = 16
/** 10,000 triangles that share no vertex have 30,000; doubled for morph targets. */
export const MAX_MODEL_VERTICES = 60_000
/** Draw calls of one model: every material on a few parts each. */
export const MAX_MODEL_DRAWS = 64
/** A rigged figure has about 100 nodes; a city block of parts a few hundred. */
export const MAX_MODEL_NODES = 1_024
/** glTF rigs of people use 20 to 100 joints. */
export const MAX_MODEL_JOINTS = 256
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
/** The same in a room of 240 and more: those who crash there without a relay's notice stay listed for four minutes. */
export const MAX_HEARTBEAT_MS = 60_000
export const PEER_EXPIRY_MS = 21_000

/** One heartbeat: 8 addresses of a relay with a name (≈ 200 bytes each) and 24 bytes of fields, rounded up. */
export const MAX_HEARTBEAT_BYTES = 2 * KIB
export const MAX_HEARTBEAT_ADDRESSES = 8
/** Relays' addresses that one tab keeps trying: the build's, the URL's and the remembered ones. */
export const MAX_RELAYS = 16
/** Relays that are known by another relay's word alone: half of the list, so that a liar leaves room for the rest. */
export const MAX_TOLD_RELAYS = 8
/** Of them by the word of one teller: half, so that a liar leaves room for what others tell. */
export const MAX_TOLD_BY_ONE = 4
/** Requests of one peer that are answered at the same time; a tab asks for links, placements and texts in turn. */
export const MAX_REQUESTS_PER_PEER = 8
/** Published roots that are announced again after a relay's restart. */
export const MAX_PROVIDED = 4_096
/** Contents pinned by one profile: each has a record of some 500 bytes and a row; as many are announced to others. */
export const MAX_PINS = 4_096
/** Cached contents that are followed: the least used beyond them become blocks without a root, which go first. */
export const MAX_CACHED_ROOTS = 4_096

/** A cyfs link: eight segments of the longest kind, encoded ([OB16]); servers take lines of 8 KiB. */
export const MAX_LINK_CHARS = 8 * KIB
/** One segment of a path, one key of an object map: CYFS's bound. */
export const MAX_PATH_KEY_BYTES = 256
/** Nodes from a map's root to an entry: 1,900⁵ subs hold more than 2⁵³ entries; three for keys ground to collide. */
export const MAX_MAP_LEVELS = 8
/** Decoded nodes that one reader keeps, by their bytes: hubs of 64 KiB and what was read last below them. */
export const MAX_MAP_CACHE_BYTES = 8 * MIB
/** Entries of one page of a list: 1,000 keys of the longest kind and ids are 288 KiB of text. */
export const MAX_MAP_PAGE = 1_000
/** Maps in one another: as many folders as a path of a link may have, and more than file systems use. */
export const MAX_MAP_PATH = 32
/** Nodes of one path proof: four for each of sixteen large maps in one another. */
export const MAX_PROOF_NODES = 64

/** A named object with its body and signatures is one block, so that bitswap carries it. */
export const MAX_OBJECT_BYTES = MAX_BLOCK_BYTES
/** A content in JSON: ids in base58 cost some µs each, and thousands of entries belong into the other formats. */
export const MAX_JSON_CONTENT_BYTES = 128 * KIB
/** Ids in one list of an object: the chunks of a file of 8 GiB. */
export const MAX_OBJECT_LIST = 32_768
/** Entries of several fields in one list or map of an object: longer tables are object maps. */
export const MAX_OBJECT_TABLE = 4_096
/** Ids in one request of objects, and objects in one offer: a page of 256 links is one round trip. */
export const MAX_OBJECTS_PER_REQUEST = 256
/** Bytes of objects in one answer: four of the largest; the asker asks again for what did not fit. */
export const MAX_OBJECTS_ANSWER_BYTES = 4 * MAX_OBJECT_BYTES
/** Objects of others that a profile keeps, and their bytes: a sixteenth of the smallest quota. */
export const MAX_CACHED_OBJECTS = 8_192
export const MAX_CACHED_OBJECT_BYTES = 64 * MIB
/** Others' objects whose newest body is remembered: 160 bytes each, 10 MiB. */
export const MAX_OBJECTS_SEEN = 65_536
/** Wallets that may read one restricted object: more people than one gives a link to by hand. */
export const MAX_OBJECT_READERS = 256
/** Name and readers of restricted content as JSON: 256 of 45 bytes, and a name of 4 KiB. */
export const MAX_SEALED_FACTS_BYTES = 16 * KIB
/** Table of a restricted folder: each file's path, 129 bytes of media type, 8 of length, and 5 that lead them in. */
export const MAX_SEALED_TABLE_BYTES = MAX_FOLDER_FILES * (MAX_FOLDER_PATH_BYTES + 144)
/** Files in tables that are kept decoded, those read last: eight of the longest, 16 MiB of paths at most. */
export const MAX_TABLE_CACHE_FILES = 8 * MAX_FOLDER_FILES
/** Connected peers, and peers found by provider records, that are asked for one object. */
export const MAX_OBJECT_NEIGHBOURS = 32
export const MAX_OBJECT_PROVIDERS = 8

/** A full tree's lowest level is 2 GiB then, the longest array that every engine gives. */
export const MAX_FULL_TREE_LEAVES = 2 ** 26
