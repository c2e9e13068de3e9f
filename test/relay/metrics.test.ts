import { describe, expect, it } from 'vitest'
import { counter, counters, formatMetrics, gauge, gauges } from '#relay/metrics.ts'

describe('formatMetrics', () => {
  it("writes Prometheus' text form", () => {
    expect(
      formatMetrics([
        gauge('a_bytes', 'Bytes now.', 1.5),
        counter('b_total', 'All of b.', 2),
        counters('c_total', 'All of c.', 'kind', [
          ['x', 1],
          ['quote " slash \\ line\n', 2],
        ]),
        gauges('d', 'Each d.', 'kind', [['x', 3]]),
      ]),
    ).toBe(
      [
        '# HELP a_bytes Bytes now.',
        '# TYPE a_bytes gauge',
        'a_bytes 1.5',
        '# HELP b_total All of b.',
        '# TYPE b_total counter',
        'b_total 2',
        '# HELP c_total All of c.',
        '# TYPE c_total counter',
        'c_total{kind="x"} 1',
        'c_total{kind="quote \\" slash \\\\ line\\n"} 2',
        '# HELP d Each d.',
        '# TYPE d gauge',
        'd{kind="x"} 3',
        '',
      ].join('\n'),
    )
  })
})
