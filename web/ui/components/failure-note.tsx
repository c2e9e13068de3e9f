import type { JSX } from 'preact'
import type { Failure } from '#api/types.ts'
import { describeFailure } from '../failure.ts'
import type { FailureAction, FailureText } from '../failure-text.ts'
import { withWorld } from '../route.ts'
import { type Session, useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

export interface FailureNoteProps {
  readonly failure: Failure
  /** What "try again" or "choose another" does here; without it there is no such button. */
  readonly onRetry?: () => void
  /** sentences of a part whose code comes later than the page's @default none */
  readonly more?: Readonly<Record<string, FailureText>>
}

function actionOf(
  action: FailureAction,
  session: Session,
  { onRetry }: FailureNoteProps,
): (() => void) | undefined {
  switch (action) {
    case 'retry':
    case 'choose-file':
      return onRetry
    case 'reload':
      return () => location.reload()
    case 'open-network':
      // in the network panel itself, what to do is on the screen
      return session.panel.value === 'network' ? undefined : () => session.open('network')
    case 'open-search':
      return () => session.open('search')
    case 'find-plot':
      return () => session.build.moveToFree()
    case 'open-seed-settings':
      // in the settings themselves, what to do is on the screen
      if (session.panel.value === 'seed' && session.seed.view.value === 'settings') return undefined
      return () => {
        session.seed.show('settings')
        session.open('seed')
      }
    case 'world-off':
      return () => location.assign(withWorld(location.href, false))
  }
}

/** What failed, in a sentence, with the button that does the next thing ([UI4]). */
export function FailureNote(props: FailureNoteProps): JSX.Element {
  const session = useSession()
  const { says, detail, action } = describeFailure(props.failure, props.more)
  const act = actionOf(action, session, props)
  return (
    <div class="failure" role="alert">
      <Icon name="warning" size={18} />
      <div class="failure-text">
        <p>{says}</p>
        {detail === undefined ? null : <p class="caption">{detail}</p>}
        {act === undefined ? null : (
          <Button kind="quiet" onClick={act}>
            {texts.actions[action]}
          </Button>
        )}
      </div>
    </div>
  )
}
