"""Makes golden.json: MuSc's RsCIN (its public code, models/modules/_RsCIN.py)
on random class tokens, written anew from its formulas in float64. Tokens are of
unit length, as CLIP's are in that code, or as they come, as DINO's are.

    python internal/rscin/testdata/golden.py > internal/rscin/testdata/golden.json

Made with Python 3.11 and numpy 2.4.6; any will do.
"""

import json

import numpy as np


def mmo(w, s, windows):
    out = []
    for k in windows:
        masked = w.copy()
        for i in range(len(w)):
            masked[i, np.argsort(w[i])[: len(w) - k]] = 0
        d = np.diag(1 / masked.sum(1))
        out.append(d @ masked @ s)
    return np.mean(out, 0)


def rscin(scores, tokens, windows):
    tokens = tokens.astype(np.float64)
    s = (scores - scores.min()) / (scores.max() - scores.min())
    return mmo(tokens @ tokens.T, s, windows)


rng = np.random.default_rng(5)
cases = []
for n, c, windows, centre, raw in [(12, 8, [1, 2, 3], 1.0, False), (20, 16, [1, 8, 9], 1.0, False), (9, 5, [2], 3.0, False), (7, 4, [1, 7], 2.0, False),
                                   (15, 6, [3, 1], 0.5, False), (12, 8, [1, 2, 3], 1.0, True), (20, 16, [1, 8, 9], 2.0, True), (6, 5, [1], 2.0, True)]:
    tokens = rng.normal(size=(n, c)) + centre
    scores = rng.gamma(2.0, size=n)
    if raw:
        tokens *= rng.uniform(0.5, 2, size=(n, 1))
    else:
        tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    tokens = tokens.astype(np.float32)
    cases.append({"scores": scores.tolist(), "class": tokens.astype(float).tolist(), "windows": windows,
                  "rescored": rscin(scores, tokens, windows).tolist()})
print("[" + ",\n".join(json.dumps(c) for c in cases) + "]")
