"""Times mutual scoring in PyTorch: MuSc's formulation and the best one found.

Each formulation is timed on a few pairs of images of random unit tokens; one
line of JSON each, in seconds per unordered pair of images and variant. MuSc's
computes both directions on their own, so that a pair costs it two products.
The selection of the lowest distances is left out, in PyTorch's favour.
"""
import argparse
import json
import time

import torch


def musc(z):
    """As compute_scores_fast: every image against every other, cdist, minimum."""
    for i in range(len(z)):
        found = torch.tensor([])
        for j in range(len(z)):
            if j != i:
                d = torch.cdist(z[i:i + 1], z[j:j + 1]).squeeze(0)
                found = torch.cat((found, torch.min(d, 1)[0].unsqueeze(1)), dim=1)


def pairs(z):
    """Each pair once: one product, maxima of rows and columns."""
    for i in range(len(z)):
        for j in range(i + 1, len(z)):
            dot = z[i] @ z[j].T
            for m in dot.amax(1), dot.amax(0):
                (2 - 2 * m.float()).clamp_(min=0).sqrt_()


def blocks(z):
    """Each pair once, an image against all later ones in one product."""
    n, p, c = z.shape
    for i in range(n - 1):
        dot = (z[i] @ z[i + 1:].reshape(-1, c).T).view(p, n - i - 1, p)
        for m in dot.amax(2), dot.amax(0):
            (2 - 2 * m.float()).clamp_(min=0).sqrt_()


def measure(args, name, work, z):
    work(z[:2])
    wall = cpu = float("inf")
    for _ in range(args.repeats):
        w, c = time.perf_counter(), time.process_time()
        work(z)
        wall, cpu = min(wall, time.perf_counter() - w), min(cpu, time.process_time() - c)
    count = args.n * (args.n - 1) / 2
    print(json.dumps({"name": name, "wall": wall / count, "cpu": cpu / count}), flush=True)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("-p", type=int, default=1369)
    args.add_argument("-c", type=int, default=1024)
    args.add_argument("-n", type=int, default=5, help="images")
    args.add_argument("--threads", type=int, default=0)
    args.add_argument("--repeats", type=int, default=3)
    args = args.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    tokens = torch.nn.functional.normalize(torch.randn(args.n, args.p, args.c), dim=2)
    version = f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"
    with torch.inference_mode():
        half = tokens.bfloat16()
        measure(args, f"MuSc's cdist ({version})", musc, tokens)
        measure(args, "product per pair, fp32", pairs, tokens)
        measure(args, "product per image, fp32", blocks, tokens)
        measure(args, "product per pair, bf16", pairs, half)
        measure(args, "product per image, bf16", blocks, half)


if __name__ == "__main__":
    main()
