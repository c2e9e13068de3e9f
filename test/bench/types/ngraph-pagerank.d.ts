declare module 'ngraph.pagerank' {
  import type { Graph } from 'ngraph.graph'

  /** Iterates until Σ|p' − p| < epsilon; returns the rank of each node by its id. */
  function pageRank(graph: Graph, internalJumpProbability?: number, epsilon?: number): Record<string, number>
  export = pageRank
}
