"""Makes golden.json: what MuSc (Li et al. 2024) gives on features that a rule
makes, by its public code's steps in PyTorch: LNAMD with unfold and adaptive
pooling, cdist and minimum for every ordered pair of images, the mean of the
lowest 30 %, means over layers and neighbourhoods, bilinear maps, their maxima.

    python testdata/musc/golden.py
    python testdata/musc/golden.py --full DIR     # ViT-L shapes: 37 x 37, 1024 channels

Made with Python 3.11, torch 2.15.0, numpy 2.4.6. CODEGRAPH_MUSC_GOLDEN=DIR
makes the test compare with the large one, too.
"""

import argparse
import json
import os

import numpy as np
import torch
import torch.nn.functional as F


def noise(i):
    """A hash of 32-bit numbers (Prospecting for Hash Functions' lowbias32), -0.5 to 0.5."""
    i = i.astype(np.uint32)
    i ^= i >> np.uint32(16)
    i *= np.uint32(0x7FEB352D)
    i ^= i >> np.uint32(15)
    i *= np.uint32(0x846CA68B)
    i ^= i >> np.uint32(16)
    return (i.astype(np.float64) / 2**32 - 0.5).astype(np.float32)


def features(image, layer, g, c):
    """[P][C]: what all images share, their own noise, and a defect in every third."""
    n = g * g * c
    at = np.arange(n, dtype=np.uint32)
    f = noise(at + np.uint32(layer * n)) + np.float32(0.5) * noise(at + np.uint32((1000 + image * 16 + layer) * n % 2**32))
    f = f.reshape(g * g, c)
    if image % 3 == 0:
        f[(image * 5) % (g * g)] += np.float32(1)
    return f


def lnamd(f, g, r):
    n, p, c = f.shape
    x = f.reshape(n, g, g, c).permute(0, 3, 1, 2)
    x = torch.nn.LayerNorm([c, g, g], elementwise_affine=False)(x)
    u = F.unfold(x, kernel_size=r, stride=1, padding=r // 2)  # [N][C·r·r][P]
    u = u.permute(0, 2, 1).reshape(n * p, 1, -1)
    z = F.adaptive_avg_pool1d(u, c).reshape(n, p, c)
    return z / z.norm(dim=-1, keepdim=True)


def mutual(z, i):
    near = [torch.cdist(z[i:i + 1], z[j:j + 1])[0].min(1)[0] for j in range(len(z)) if j != i]
    near = torch.stack(near, 1)
    k = int(near.shape[1] * 0.3)
    return torch.topk(near, k, largest=False, sorted=True)[0].mean(1)


def musc(n, layers, g, c, radii, size):
    total = 0
    for r in radii:
        for layer in range(layers):
            z = lnamd(torch.from_numpy(np.stack([features(i, layer, g, c) for i in range(n)])), g, r)
            total = total + torch.stack([mutual(z, i) for i in range(n)])
    patches = total / (layers * len(radii))
    maps = F.interpolate(patches.reshape(n, 1, g, g), size=size, mode="bilinear", align_corners=True)[:, 0]
    return patches, maps


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--full", help="folder for the large one")
    a = p.parse_args()
    torch.set_grad_enabled(False)
    shape = dict(n=11, layers=2, g=6, c=7, radii=[1, 3, 5], size=24)
    out = os.path.dirname(os.path.abspath(__file__))
    if a.full:
        shape, out = dict(n=8, layers=4, g=37, c=1024, radii=[1, 3, 5], size=518), a.full
        os.makedirs(out, exist_ok=True)
    patches, maps = musc(**shape)
    digits = lambda t: [float(f"{v:.7g}") for v in t.ravel().tolist()]
    golden = dict(shape, patches=digits(patches), scores=digits(maps.flatten(1).max(1)[0]), map=digits(maps[3]))
    with open(os.path.join(out, "golden.json"), "w") as f:
        json.dump(golden, f)
        f.write("\n")


if __name__ == "__main__":
    main()
