"""Figures of scikit-learn for package metric; versions in golden.json.

    python make_golden.py
"""
import json, os
import numpy as np, sklearn
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(2)
cases = {
    "random": (rng.random(200), rng.random(200) < 0.3),
    "informative": ((y := rng.random(300) < 0.4) * 0.5 + rng.normal(0, 1, 300), y),
    "tied": (rng.integers(0, 4, 150) / 4, rng.random(150) < 0.5),
    "one value": (np.ones(20), np.arange(20) < 7),
    "perfect": (np.arange(10.0), np.arange(10) > 6),
    "inverted": (-np.arange(10.0), np.arange(10) > 6),
    "one positive": (rng.random(40), np.arange(40) == 11),
    "infinite": (np.array([np.inf, 1, 2, -np.inf]) , np.array([True, False, True, False])),
}
out = []
for name, (s, y) in cases.items():
    finite = np.nan_to_num(s, posinf=1e300, neginf=-1e300)
    p, r, _ = precision_recall_curve(y, finite)
    out.append({"name": name, "scores": finite.tolist(), "labels": y.tolist(),
                "auroc": roc_auc_score(y, finite), "ap": average_precision_score(y, finite),
                "f1": float(np.max(2 * p * r / np.maximum(p + r, 1e-300)))})
json.dump({"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "cases": out}, open("golden.json", "w"))
