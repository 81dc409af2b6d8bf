"""Pixel figures and regions for package metric; versions in pixels.json.

    python make_pixels_golden.py

The figures are scikit-learn's. PRO is computed threshold by threshold, as its
definition has it; MuSc's variant region by region, as its evaluation code has.
"""
import json, os
import numpy as np, scipy, skimage, sklearn
from scipy import ndimage
from skimage import measure
from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_auc_score

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(5)


def regions(maps, masks):
    """The scores of each region: the plain definition, image by image."""
    out = []
    for m, y in zip(maps, masks):
        labels, n = ndimage.label(y, np.ones((3, 3)))
        out += [m[labels == k] for k in range(1, n + 1)]
    return out


def pro(maps, masks, limit=0.3):
    inside = regions(maps, masks)
    outside = np.concatenate([m[~y] for m, y in zip(maps, masks)])
    x, y = [0.0], [0.0]
    for t in np.unique(np.concatenate([m.ravel() for m in maps]))[::-1]:
        x.append(np.mean(outside >= t))
        y.append(np.mean([np.mean(r >= t) for r in inside]))
    x, y = np.array(x), np.array(y)
    keep = x <= limit
    last = int(np.sum(keep)) - 1
    area = np.trapezoid(y[keep], x[keep])
    if x[last] < limit:
        end = y[last] + (y[last + 1] - y[last]) * (limit - x[last]) / (x[last + 1] - x[last])
        area += (limit - x[last]) * (y[last] + end) / 2
    return area / limit


def musc_pro(maps, masks, limit=0.3):
    every = np.concatenate([m.ravel() for m in maps])
    low, high = every.min(), every.max()
    x, y = [], []
    for t in np.arange(low, high, (high - low) / 200):
        shares, fp, negative = [], 0, 0
        for m, mask in zip(maps, masks):
            binary = m > t
            for r in measure.regionprops(measure.label(mask.astype(int))):
                shares.append(binary[r.coords[:, 0], r.coords[:, 1]].sum() / r.area)
            fp += np.logical_and(~mask, binary).sum()
            negative += (~mask).sum()
        x.append(fp / negative)
        y.append(np.mean(shares))
    x, y = np.array(x), np.array(y)
    keep = x < limit
    x = x[keep]
    return auc((x - x.min()) / (x.max() - x.min()), y[keep])


def smooth(n, h, w, decimals=4):
    return [np.round(ndimage.gaussian_filter(rng.normal(0, 1, (h, w)), 1.5), decimals) for _ in range(n)]


def blobs(n, h, w, cut=0.3):
    return [m > cut for m in smooth(n, h, w)]


def informed(masks, decimals=4):
    return [np.round(s + 0.3 * y, decimals) for s, y in zip(smooth(len(masks), *masks[0].shape), masks)]


none = lambda n, h, w: [np.zeros((h, w), bool) for _ in range(n)]
half = [np.arange(200).reshape(10, 20) % 20 < 10 for _ in range(2)]
y = blobs(4, 17, 23) + none(2, 17, 23)
specks = [rng.random((16, 16)) < 0.25 for _ in range(3)]
odd = blobs(1, 9, 31) + blobs(1, 20, 7, 0.1) + none(1, 1, 12)
one = none(2, 8, 8)
one[1][3, 4] = True
cases = {
    "random": (smooth(6, 17, 23), y),
    "informative": (informed(y), y),
    "negative scores": ([m - 3 for m in informed(y)], y),
    "heavily tied": (informed(y, 1), y),
    "two values": ([(m > 0.2).astype(float) for m in informed(y)], y),
    "single pixels and diagonals": (informed(specks), specks),
    "several sizes": ([np.round(rng.random(m.shape), 3) for m in odd], odd),
    "one pixel": ([np.round(rng.random((8, 8)), 4) for _ in one], one),
    "perfect": ([s * 0.1 + 2 * m for s, m in zip(smooth(2, 10, 20), half)], half),
    "inverted": ([s * 0.1 - 2 * m for s, m in zip(smooth(2, 10, 20), half)], half),
    "zeros of both signs": ([np.where(np.indices((10, 20))[0] % 2, 0.0, -0.0) + m * (rng.random((10, 20)) < 0.4) for m in half], half),
    "one value": ([np.full((5, 6), 0.25)] * 2, blobs(2, 5, 6, 0.0)),
    "no defect": (smooth(2, 6, 7), none(2, 6, 7)),
    "all defect": (smooth(2, 6, 7), [~m for m in none(2, 6, 7)]),
}


def figures(maps, masks):
    s, t = np.concatenate([m.ravel() for m in maps]), np.concatenate([m.ravel() for m in masks])
    out = {}
    if t.any():
        p, r, _ = precision_recall_curve(t, s)
        out["ap"] = average_precision_score(t, s)
        out["f1max"] = float(np.max(2 * p * r / np.maximum(p + r, 1e-300)))
    if t.any() and not t.all():
        out["auroc"] = roc_auc_score(t, s)
        out["pro"] = pro(maps, masks)
        if s.min() < s.max():
            out["muscpro"] = musc_pro(maps, masks)
    return {k: float(v) for k, v in out.items() if np.isfinite(v)}


def rows(mask):
    return ["".join("#" if v else "." for v in row) for row in mask]


out = []
for name, (maps, masks) in cases.items():
    maps = [m.astype(np.float32) for m in maps]
    images = [{"w": m.shape[1], "h": m.shape[0], "scores": [float(str(v)) for v in m.ravel()],
               "mask": rows(y), "labels": ndimage.label(y, np.ones((3, 3)))[0].ravel().tolist()}
              for m, y in zip(maps, masks)]
    for y in masks:
        assert np.array_equal(measure.label(y.astype(int)) > 0, y)
        assert measure.label(y.astype(int)).max() == ndimage.label(y, np.ones((3, 3)))[1]
    out.append({"name": name, "images": images,
                "figures": figures([m.astype(float) for m in maps], masks)})
versions = {m.__name__: m.__version__ for m in (np, scipy, skimage, sklearn)}
json.dump({"versions": versions, "cases": out}, open("pixels.json", "w"))
