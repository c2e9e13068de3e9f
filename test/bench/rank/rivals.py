# Rank by scipy's sparse product or by networkx.pagerank. One thread, one warm-up, one measured run by
# processor time.
#
#   rivals.py FILE.csr ITERATIONS ENGINE RANKS.f64 EPSILON
#
# ENGINE: scipy, networkx. networkx stops below EPSILON (the sum of what the ranks moved); each of its calls makes a
# matrix of its graph first. Prints {"ms":…,"bytes":…}.
import json
import sys
import time

import numpy as np
import scipy.sparse

DAMPING = 0.85


def read(path):
    words = np.fromfile(path, dtype="<u4")
    n = int(words[2])
    return n, words[4 : n + 5].astype(np.int64), words[n + 5 :].astype(np.int32)


def by_scipy(n, offsets, targets, iterations):
    degrees = np.diff(offsets)
    out = scipy.sparse.csr_matrix((np.ones(len(targets)), targets, offsets), shape=(n, n))
    pull = out.T.tocsr()
    sinks = degrees == 0
    scale = np.where(sinks, 0, DAMPING / np.maximum(degrees, 1))
    size = pull.data.nbytes + pull.indices.nbytes + pull.indptr.nbytes + 8 * 3 * n
    for _ in range(2):
        ranks = np.full(n, 1 / n)
        begun = time.process_time()
        for _ in range(iterations):
            base = (1 - DAMPING + DAMPING * ranks[sinks].sum()) / n
            ranks = pull @ (ranks * scale) + base
        ms = 1e3 * (time.process_time() - begun)
    return ranks, ms, size


def by_networkx(n, offsets, targets, iterations, epsilon):
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(range(n))
    for source in range(n):
        graph.add_edges_from((source, int(target)) for target in targets[offsets[source] : offsets[source + 1]])
    begun = time.process_time()
    ranks = networkx.pagerank(graph, alpha=DAMPING, max_iter=iterations, tol=epsilon / n)
    ms = 1e3 * (time.process_time() - begun)
    return np.array([ranks[i] for i in range(n)]), ms, None


def main():
    path, iterations, engine, out, epsilon = sys.argv[1:6]
    n, offsets, targets = read(path)
    if engine == "scipy":
        ranks, ms, size = by_scipy(n, offsets, targets, int(iterations))
    else:
        ranks, ms, size = by_networkx(n, offsets, targets, int(iterations), float(epsilon))
    ranks.astype("<f8").tofile(out)
    print(json.dumps({"ms": ms, "bytes": size}))


main()
