import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `tabland` commands look when they are told nothing. */
export const DEFAULT_RELAY_URL = 'http://127.0.0.1:8080/'
export const DEFAULT_PROFILE_DIR = join(homedir(), '.tabland', 'profile')
/** The releases that the sources here know. */
export const DEFAULT_RELEASES = fileURLToPath(new URL('../releases.sha256', import.meta.url))
/** Where `npm run build` puts the page. */
export const DEFAULT_PAGE_DIR = fileURLToPath(new URL('../dist', import.meta.url))
/** The sample world. */
export const SAMPLE_DIR = fileURLToPath(new URL('../sample/', import.meta.url))
