export interface Series {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly values: readonly Sample[]
}

export interface Sample {
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Prometheus' text form, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function formatMetrics(series: readonly Series[]): string {
  return series
    .map(({ name, help, type, values }) => {
      const lines = values.map(({ value, labels = {} }) => `${name}${formatLabels(labels)} ${value}`)
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
    })
    .join('')
}

export function counter(name: string, help: string, value: number): Series {
  return { name, help, type: 'counter', values: [{ value }] }
}

export function gauge(name: string, help: string, value: number): Series {
  return { name, help, type: 'gauge', values: [{ value }] }
}

type ByLabel = Iterable<readonly [labelValue: string, value: number]>

/** One counter with a value for each value of one label. */
export function counters(name: string, help: string, label: string, values: ByLabel): Series {
  return { name, help, type: 'counter', values: labelled(label, values) }
}

/** One gauge with a value for each value of one label. */
export function gauges(name: string, help: string, label: string, values: ByLabel): Series {
  return { name, help, type: 'gauge', values: labelled(label, values) }
}

function labelled(label: string, values: ByLabel): readonly Sample[] {
  return [...values].map(([text, value]) => ({ value, labels: { [label]: text } }))
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
