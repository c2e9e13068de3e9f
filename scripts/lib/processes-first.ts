import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The order of test files: those that start whole processes come first, since they take minutes and a run ends with its
 * last one. Otherwise vitest's own order.
 */
export class ProcessesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => Number(startsProcesses(b)) - Number(startsProcesses(a)))
  }
}

function startsProcesses({ moduleId }: TestSpecification): boolean {
  return moduleId.includes('/test/relay/')
}
