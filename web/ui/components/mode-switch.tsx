import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Failure } from '#api/types.ts'
import { failureOf } from '../failure.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { FailureNote } from './failure-note.tsx'

/** [NE6] One line on who sees this person's network address, and the click that changes it. */
export function ModeSwitch(): JSX.Element {
  const session = useSession()
  const { mode } = session.state.network.value
  const [switching, setSwitching] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const change = async (): Promise<void> => {
    setSwitching(true)
    setFailure(undefined)
    try {
      await (await session.tabland).net.setMode(mode === 'direct' ? 'relayed' : 'direct')
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setSwitching(false)
    }
  }
  return (
    <div class="mode-switch">
      <p class="caption">{texts.mode[mode]}</p>
      <Button kind="quiet" disabled={switching} onClick={() => void change()}>
        {switching ? texts.modeSwitch.switching : texts.modeSwitch.from[mode]}
      </Button>
      {failure === undefined ? null : <FailureNote failure={failure} onRetry={() => void change()} />}
    </div>
  )
}
