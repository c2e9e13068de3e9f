import { readFile, stat } from 'node:fs/promises'
import { AppError } from '#core/errors.ts'

export type InputFileErrorCode = 'INPUT_FILE'

/**
 * A file that a command was given.
 *
 * @throws INPUT_FILE when it is not there, not readable, or longer than `maxBytes`
 */
export async function readInput(path: string, maxBytes: number): Promise<Buffer> {
  const { size } = await stat(path).catch((cause: unknown) => Promise.reject(unreadable(path, cause)))
  if (size > maxBytes) {
    throw new AppError<InputFileErrorCode>(
      'INPUT_FILE',
      `${path} has ${size} bytes, at most ${maxBytes} are read.`,
    )
  }
  return readFile(path).catch((cause: unknown) => Promise.reject(unreadable(path, cause)))
}

/** @throws INPUT_FILE when it is no JSON */
export async function readInputJson(path: string, maxBytes: number): Promise<unknown> {
  const text = (await readInput(path, maxBytes)).toString('utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError<InputFileErrorCode>('INPUT_FILE', `${path} is no JSON: ${(cause as Error).message}.`, {
      cause,
    })
  }
}

function unreadable(path: string, cause: unknown): AppError<InputFileErrorCode> {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException
  const reason = REASONS[code] ?? code
  return new AppError<InputFileErrorCode>('INPUT_FILE', `Cannot read ${path}: ${reason}.`, { cause })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
}
