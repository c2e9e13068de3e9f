/**
 * Bounds of the relay that nobody needs to set. What an operator may want to change is an option (config.ts).
 */

const KIB = 1024
const MIB = 1024 * KIB

/** A WebSocket message: js-libp2p sends one Noise frame (≤ 64 KiB + 2) in each, others bundle a few. */
export const MAX_WEBSOCKET_MESSAGE_BYTES = MIB
/** Unsent bytes of one connection before its writers wait: 1,024 slow tabs stay below 1 GiB. */
export const MAX_WEBSOCKET_BUFFERED_BYTES = MIB
/** Waiting for the bytes of a request's head; a browser sends them at once. */
export const HTTP_HEADERS_TIMEOUT_MS = 10_000
/** No request has a body worth waiting for. */
export const HTTP_REQUEST_TIMEOUT_MS = 15_000
/** Sockets for the page beside those that became libp2p connections. */
export const MAX_PAGE_SOCKETS = 1_024
/** Sockets for the page of one address: a browser opens six, and twenty may stand behind one NAT. */
export const MAX_PAGE_SOCKETS_PER_ADDRESS = 128

/** Compressed copies of the page's files kept in memory: the whole page has about 1 MiB. */
export const MAX_COMPRESSED_CACHE_BYTES = 16 * MIB
/** Larger files are sent as they are: compressing one would hold it in memory twice. */
export const MAX_COMPRESSED_FILE_BYTES = 8 * MIB
/** Below this a compressed file saves no packet. */
export const MIN_COMPRESSED_FILE_BYTES = KIB

/** The page has about 50 files; a list of this many has 128 KiB at most with names of 64 characters. */
export const MAX_PAGE_FILES = 1_000
export const MAX_PAGE_LIST_BYTES = 128 * KIB
/** The largest file, the page in one, has 5 MB. */
export const MAX_PAGE_FILE_BYTES = 32 * MIB
/** Two lines of 90 characters for each release: 150 years of one a month. */
export const MAX_RELEASES = 2_000
export const MAX_RELEASES_BYTES = 192 * KIB
/** All files of a page have 5 MB together. */
export const MAX_PAGE_BYTES = 64 * MIB
/** index.html has 3 kB, a list of files at most `MAX_PAGE_LIST_BYTES`. */
export const MAX_PAGE_HTML_BYTES = 256 * KIB
/** The whole page at 0.5 Mbit/s. */
export const VERIFY_TIMEOUT_MS = 90_000
/** Files asked for at once: as many as a browser. */
export const PAGE_FETCHES = 6

/** RFC 5389 §7.1: a request fits the smallest MTU, 576 bytes less IP and UDP headers. */
export const MAX_STUN_REQUEST_BYTES = 548
/** ICE asks one server 1 to 3 times for each local interface: 50 at once serve a whole family behind one address. */
export const STUN_BURST_PER_ADDRESS = 50
export const STUN_PER_ADDRESS_PER_SECOND = 20
/** An answer is 1.6 (IPv4) to 2.2 times its request: this cap keeps forged senders below 700 kbit/s in all. */
export const STUN_PER_SECOND = 2_000
/** Addresses whose rate is remembered; the oldest makes room. */
export const MAX_STUN_ADDRESSES = 4_096

/** How often slow requests are looked for; Node.js's 30 s would let them live three times as long as they may. */
export const HTTP_CHECK_INTERVAL_MS = 5_000
/** Streams that one connection may open: 64 circuits and a tab's own are below half of it. */
export const MAX_STREAMS_PER_CONNECTION = 256
/** 100,000 lines of a CID each. */
export const MAX_DENY_FILE_BYTES = 8 * MIB
/** A new line of the deny list is in force this soon. */
export const DENY_POLL_MS = 5_000

/** Connections in the middle of their handshake: after a restart a whole relay's tabs come back at once. */
export const MAX_PENDING_CONNECTIONS = 512
/** Noise, yamux and multistream take six round trips: a second on the slowest line. */
export const HANDSHAKE_TIMEOUT_MS = 10_000
/** A busy slow tab answers a ping late: 5 s, the default, cut such connections. */
export const PING_TIMEOUT_MS = 45_000
/** 1,000 connections cost 33 pings a second. */
export const PING_INTERVAL_MS = 30_000
/** Time for connections to close before the process leaves them; [RE1] wants the whole stop within 2 s. */
export const STOP_TIMEOUT_MS = 1_500
/** A busy tab answers within seconds; who does not is told by the end of its connection. */
export const NOTICE_TIMEOUT_MS = 5_000
/** Whoever has not left a relay that stops is told again: a busy tab may have missed it. */
export const NOTICE_AGAIN_MS = 2 * NOTICE_TIMEOUT_MS
/** Another relay answers within a second; it is tried again soon after a restart and once a minute for ever. */
export const FLEET_DIAL_TIMEOUT_MS = 10_000
export const FLEET_FIRST_RETRY_MS = 500
export const FLEET_MAX_RETRY_MS = 60_000
/** Relays found in the DHT that are tried or kept, beside the named ones: twice what a client is told of. */
export const MAX_FOUND_RELAYS = 16
/** With the growing waits between them two minutes: one that was found is given up, until it is found again. */
export const MAX_FOUND_FAILURES = 8
/** A free UDP port of the same number is nearly always there: this many tries when the port is chosen by us. */
export const MAX_PORT_TRIES = 8

/** The event loop's delay is sampled this often: every 20 ms took 0.3 % of a core of an idle relay. */
export const LAG_RESOLUTION_MS = 50
/** Prometheus asks every 15 to 60 s: a spike is seen by each. */
export const LAG_WINDOW_MS = 60_000

/** A chain of four certificates with large keys has about 8 KiB. */
export const MAX_TLS_FILE_BYTES = 128 * KIB
/** A renewed certificate is in use this soon; looking costs two stat calls. */
export const TLS_POLL_MS = 10_000
/** Let's Encrypt renews 30 days before the end: so near to it something is wrong. */
export const TLS_EXPIRY_WARNING_MS = 14 * 86_400_000

/**
 * WebRTC Direct makes a connection for who sends a first datagram, which may be forged: each takes about 130 kB until
 * its 10 s are over, so these take 8 MB at most.
 */
export const MAX_PENDING_DIRECT = 64
/** New ones in all: sixteen tabs at once, and 240 in a minute. */
export const NEW_DIRECT_BURST = 64
export const NEW_DIRECT_PER_SECOND = 4

/** The addresses of this machine are looked at this often. */
export const AUTO_TLS_LOOK_MS = 60_000
/** Several changes of addresses at once are one. */
export const AUTO_TLS_SETTLE_MS = 1_000
/** One order of a certificate, with all tries at the registration: Let's Encrypt takes 300 orders in three hours. */
export const AUTO_TLS_PROVISION_MS = 30 * 60_000
/** The registration connects to the relay before it answers. */
export const AUTO_TLS_REQUEST_MS = 60_000
/** A port may still be closed: soon again, then ever more seldom. The library adds 5 s each time. */
export const AUTO_TLS_RETRY_FIRST_MS = 5_000
export const AUTO_TLS_RETRY_MAX_MS = 5 * 60_000
/**
 * After an order of a certificate failed: Let's Encrypt takes five failed validations of one name in an hour, then
 * one in twelve minutes, and a renewal begins 20 days early. The library adds 5 s here too.
 */
export const AUTO_TLS_ORDER_RETRY_FIRST_MS = 2 * 60_000
export const AUTO_TLS_ORDER_RETRY_MAX_MS = 60 * 60_000
/** Let's Encrypt gives 90 days and, from 2028 on, 45; the warning of the end comes 6 days after a missed renewal. */
export const AUTO_TLS_RENEW_BEFORE_MS = 20 * 86_400_000

/** What circuits may hold for slow receivers in all; a stuck one holds at most 0.7 MiB. */
export const MAX_CIRCUIT_BUFFERED_BYTES = 128 * MIB
/** At 1 Gbit/s this long fills 125 MB more. */
export const CIRCUIT_MEMORY_CHECK_MS = 1_000
/**
 * Bytes of one stream on their way: yamux's first window. It may grow to 16 MiB by default, which the relay would
 * have to hold for each circuit whose receiver is slow; this one carries 2.5 MB/s over 100 ms.
 */
export const STREAM_WINDOW_BYTES = 256 * KIB

/** Requests for reservations and circuits of one address: twenty tabs that each call eight peers at once. */
export const HOP_REQUESTS_BURST = 256
export const HOP_REQUESTS_PER_SECOND = 8
/** Addresses whose requests are remembered; the oldest makes room. */
export const MAX_HOP_ADDRESSES = 4_096

/** Blocks of the demand cache: with 256 KiB each they fill 16 GiB, and their keys take about 16 MB of memory. */
export const MAX_CACHE_BLOCKS = 65_536
/** Contents that are fetched at once, for all and for one client, and that wait. One that nobody has takes 45 s. */
export const MAX_CACHE_JOBS = 64
export const MAX_CACHE_JOBS_PER_CLIENT = 4
export const MAX_CACHE_WAITING = 256
/** A file of 1 GiB takes this long at 9 Mbit/s; whatever came until then stays. */
export const MAX_CACHE_JOB_MS = 15 * 60_000
/** What one client may have fetched: a walk through the world asks for a few hundred models of 60 blocks. */
export const CACHE_CONTENTS_PER_CLIENT_MINUTE = 120
export const CACHE_BLOCKS_PER_CLIENT_MINUTE = 2_048
/** Clients whose shares are remembered; the oldest makes room. */
export const MAX_CACHE_CLIENTS = 4_096
/** Peers of which one content is asked. */
export const MAX_CACHE_HOLDERS = 4
/** Waiting for provider records, which lie here already: a search any further finds nobody that is connected. */
export const CACHE_SEARCH_MS = 1_000
/** A message of Tabland's own peers asks for 32 blocks of one source; a hostile one for 100,000. */
export const MAX_CACHE_WANTS_PER_MESSAGE = 64

/**
 * Named objects that are kept, and others whose newest body is remembered: their blocks and index take 1.5 kB of memory
 * each, 40 MB in all.
 */
export const MAX_RELAY_OBJECTS = 16_384
export const MAX_RELAY_OBJECTS_SEEN = 32_768
/**
 * Objects and bytes of them that are taken of one address: a folder of 500 files at once, or a few large objects; what
 * comes after that takes more than four hours to push everybody else's out of the default of --objects.
 */
export const OBJECTS_PER_ADDRESS = { burst: 512, perSecond: 1 }
export const OBJECT_BYTES_PER_ADDRESS = { burst: 16 * MIB, perSecond: 16 * KIB }
/** Objects taken of all: checking one takes up to 3 ms, so that a tenth of a core is the most that they cost. */
export const OBJECTS_PER_SECOND = { burst: 2_048, perSecond: 32 }
/** Addresses whose shares are remembered; the oldest makes room. */
export const MAX_OBJECT_ADDRESSES = 4_096

/**
 * Keys of restricted objects that are kept for their owners, in all and for one wallet: 600 bytes each with a few
 * readers, 6 kB with as many as there may be. In memory a key is its file, and half a kilobyte of the maps around it.
 */
export const MAX_KEPT_KEYS = 16_384
export const MAX_KEPT_KEYS_PER_WALLET = 1_024
/** Keys given and taken back from one address: all of a wallet's at once, as after a month away; then one in 10 s. */
export const DEPOSITS_PER_ADDRESS = { burst: MAX_KEPT_KEYS_PER_WALLET, perSecond: 0.1 }
/** Of all: each is two signatures' checks, the recovery of a key and a flush to the disk, 5 ms. */
export const DEPOSITS_IN_ALL = { burst: 2_048, perSecond: 16 }
/** Keys whose time is over are given to nobody, and deleted this soon. */
export const KEPT_KEYS_SWEEP_MS = 3_600_000

/** A tree of object maps as JSON, about 100 bytes a value: a million of them, as large as fits in memory with ease. */
export const MAX_MAP_FILE_BYTES = 100 * MIB
/** Cases, leaves or entries of Merkle trees as JSON: 100,000 leaves of 64 hexadecimal digits are 7 MB. */
export const MAX_MERKLE_FILE_BYTES = 64 * MIB
/** One saved proof: 53 nodes of 64 digits, a CID and three numbers have 4 kB. */
export const MAX_RANK_PROOF_BYTES = 64 * KIB

/** Looks at the chain because a tab asked for a land that is not here: a tab may be a block ahead, not more. */
export const LAND_LOOKS_PER_SECOND = 1
