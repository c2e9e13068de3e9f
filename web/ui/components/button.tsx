import type { ComponentChildren, JSX } from 'preact'
import { Icon, type IconName } from './icon.tsx'

export interface ButtonProps {
  readonly children: ComponentChildren
  readonly icon?: IconName
  /** @default 'plain' */
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger'
  readonly type?: 'button' | 'submit'
  readonly disabled?: boolean
  /** when the text alone would not say what it acts on */
  readonly label?: string
  readonly onClick?: () => void
}

export function Button({
  children,
  icon,
  kind = 'plain',
  type = 'button',
  disabled = false,
  label,
  onClick,
}: ButtonProps): JSX.Element {
  return (
    <button
      type={type}
      class={`button button-${kind}`}
      disabled={disabled}
      aria-label={label}
      onClick={onClick}
    >
      {icon === undefined ? null : <Icon name={icon} size={16} />}
      <span>{children}</span>
    </button>
  )
}

export interface IconButtonProps {
  readonly icon: IconName
  readonly label: string
  readonly onClick: () => void
  /** CSS pixels @default 18 */
  readonly size?: number
}

export function IconButton({ icon, label, onClick, size = 18 }: IconButtonProps): JSX.Element {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={size} />
    </button>
  )
}
