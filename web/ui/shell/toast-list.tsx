import type { JSX } from 'preact'
import { IconButton } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Short messages at the bottom; read out, and gone by themselves. */
export function ToastList(): JSX.Element {
  const { toasts } = useSession()
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.list.value.map(({ id, kind, text }) => (
        <div key={id} class={`toast toast-${kind}`}>
          <Icon name={kind === 'done' ? 'check' : 'warning'} size={16} />
          <p>{text}</p>
          <IconButton
            icon="close"
            label={texts.common.dismiss}
            size={14}
            onClick={() => toasts.dismiss(id)}
          />
        </div>
      ))}
    </div>
  )
}
