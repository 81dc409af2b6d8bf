"""Writes the golden activations of package effnet's tests.

    python golden.py --out ../testdata

For each image, noise and shapes (uint8 [64][96][3], NAME.rgb), the
activations of both embedded networks after stages 2 to 5 are stored as float32
[H][W][C], one stage after the other: NETWORK.NAME.fp32.golden from the checkpoint
as published, NETWORK.NAME.fp16.golden from the same network with folded weights
rounded to half precision.
"""

import argparse
import pathlib

import numpy as np

import reference

H, W = 64, 96
STAGES = (2, 3, 4, 5)


def noise():
    return np.random.default_rng(1).integers(0, 256, (H, W, 3), dtype=np.uint8)


def shapes():
    """Discs and stripes on a gradient: smooth areas and sharp edges."""
    y, x = np.mgrid[0:H, 0:W]
    image = np.stack([x * 2, y * 3, 255 - x - y], -1).clip(0, 255)
    image[(x - 30) ** 2 + (y - 25) ** 2 < 18**2] = (220, 40, 30)
    image[(x - 70) ** 2 + (y - 40) ** 2 < 12**2] = (20, 60, 200)
    image[(x + y) % 16 < 3] = (245, 245, 240)
    return image.astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()
    for network in ("lite0", "lite2"):
        single, half = reference.load(network), reference.load(network)
        reference.round_weights(half, max(STAGES))
        for name, image in (("noise", noise()), ("shapes", shapes())):
            (args.out / f"{name}.rgb").write_bytes(image.tobytes())
            compare(args.out, f"{network}.{name}", reference.stages(single, image), reference.stages(half, image))


def compare(out, name, a, b):
    """Writes the activations a and b, and prints how far they are apart."""
    for suffix, activations in (("fp32", a), ("fp16", b)):
        raw = b"".join(activations[s].astype("<f4").tobytes() for s in STAGES)
        (out / f"{name}.{suffix}.golden").write_bytes(raw)
    for s in STAGES:
        scale = np.abs(a[s]).max()
        error = np.abs(a[s] - b[s])
        print(
            f"{name} stage{s}: half-precision weights differ by {error.max() / scale:.2e} (max),"
            f" {np.sqrt((error**2).mean() / (a[s] ** 2).mean()):.2e} (rms), scale {scale:.1f}"
        )


if __name__ == "__main__":
    main()
