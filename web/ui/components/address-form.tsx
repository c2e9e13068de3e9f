import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Button } from './button.tsx'

export interface AddressFormProps {
  readonly label: string
  readonly action: string
  readonly onGive: (address: string) => void
}

/** An address that something is done to or for. */
export function AddressForm({ label, action, onGive }: AddressFormProps): JSX.Element {
  const [address, setAddress] = useState('')
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault()
        onGive(address.trim())
      }}
    >
      <input
        type="text"
        class="field"
        aria-label={label}
        placeholder="0x…"
        spellcheck={false}
        autoComplete="off"
        value={address}
        onInput={(event) => setAddress(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!/^0x[0-9a-f]{40}$/i.test(address.trim())}>
        {action}
      </Button>
    </form>
  )
}
