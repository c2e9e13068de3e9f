import type { Failure } from '#api/types.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import { failureOf, isAbort } from './failure.ts'
import type { Session } from './session.ts'

/**
 * Asks for a write; its dialog tells the rest.
 *
 * @returns what kept it from being asked or sent; nothing when its person left it
 */
export async function startWrite(
  { tabland }: Pick<Session, 'tabland'>,
  intent: WriteIntent,
): Promise<Failure | undefined> {
  try {
    await (await tabland).wallet.write(intent)
    return undefined
  } catch (error) {
    return isAbort(error) ? undefined : failureOf(error)
  }
}
