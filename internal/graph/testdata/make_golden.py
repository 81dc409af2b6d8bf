"""Best CPM qualities that leidenalg finds, for package graph.

leidenalg counts every pair twice, so its qualities are halved.

Versions: see "versions" in golden.json.    python make_golden.py
"""
import json, os
import igraph as ig, leidenalg as la, numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(3)

def random(n, groups, inside, outside):
    edges = []
    for i in range(n):
        for j in range(i):
            same = groups and i % groups == j % groups
            if rng.random() < (0.8 if same else 0.3):
                edges.append((i, j, float(np.round(rng.gamma(2, inside if same else outside), 4))))
    return n, edges

def named(g):
    return g.vcount(), [(e.source, e.target, 1.0) for e in g.es]

ring = [(5 * c + i, 5 * c + j, 1.0) for c in range(8) for i in range(5) for j in range(i)]
ring += [(5 * c, 5 * ((c + 1) % 8) + 1, 1.0) for c in range(8)]
bell = [(i + o, j + o, 1.0) for o in (0, 5) for i in range(5) for j in range(i)] + [(4, 5, 1.0)]
graphs = {
    "karate": named(ig.Graph.Famous("Zachary")),
    "dumbbell": (10, bell),
    "ring of cliques": (40, ring),
    "star": (9, [(0, i, 1.0) for i in range(1, 9)]),
    "two components": (8, [(0, 1, 2.0), (1, 2, 1.0), (4, 5, 3.0), (5, 6, 0.5), (6, 4, 1.5)]),
    "complete": (7, [(i, j, 1.0) for i in range(7) for j in range(i)]),
    "planted 24": random(24, 3, 4, 1),
    "planted 60": random(60, 5, 3, 1),
    "planted 120": random(120, 6, 3, 1),
    "random 60": random(60, 0, 1, 1),
}
out = []
for name, (n, edges) in graphs.items():
    g = ig.Graph(n=n, edges=[e[:2] for e in edges])
    w = [e[2] for e in edges]
    for gamma in sorted({0.1, 0.5, float(np.quantile(w, 0.25)), float(np.quantile(w, 0.75))}):
        best = max(
            la.find_partition(g, la.CPMVertexPartition, weights=w, resolution_parameter=gamma,
                              n_iterations=-1, seed=s).quality() for s in range(20)) / 2  # it counts both directions
        out.append({"name": name, "n": n, "edges": edges, "gamma": gamma, "quality": best})
json.dump({"versions": {"leidenalg": la.version, "igraph": ig.__version__}, "cases": out}, open("golden.json", "w"))
