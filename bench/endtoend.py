"""Times a whole run of a batch beside MuSc in PyTorch, with the shapes of ViT-L/14.

    go build -o codegraph ./cmd/codegraph
    python bench/endtoend.py --program ./codegraph --images 83 photos

Ours is a whole scan of --images photographs of the folder, from the files to
the page. MuSc's parts are timed on the first --sample of them, as its code does
them on a processor: the forward pass in single precision, four layers in three
neighbourhoods (unfold, mean), cdist and minimum of each image against each
other; what does not grow with the sample is scaled to --images. Reading,
interpolating maps and selecting the lowest distances are left out, in PyTorch's
favour. The weights are random and the same. Needs what bench/vit/compare.py does.
"""
import argparse
import os
import resource
import subprocess
import tempfile
import time

import torch
import transformers as hf

import mutual

args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
args.add_argument("--program", required=True)
args.add_argument("--images", type=int, default=83)
args.add_argument("--sample", type=int, default=4)
args.add_argument("--threads", type=int, default=os.cpu_count())
args.add_argument("folder")
args = args.parse_args()
torch.set_grad_enabled(False)
torch.set_num_threads(args.threads)
torch.manual_seed(0)
SIZE, LAYERS, RADII = 518, (5, 11, 17, 23), (1, 3, 5)


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    out = work()
    return out, time.perf_counter() - wall, time.process_time() - cpu


def aggregate(tokens, r):
    """LNAMD: the mean of r x r tokens, of unit length."""
    n, p, c = tokens.shape
    g = int(p ** 0.5)
    maps = tokens.reshape(n, g, g, c).permute(0, 3, 1, 2)
    if r > 1:
        blocks = torch.nn.functional.unfold(maps, r, padding=r // 2).reshape(n, c, r * r, p)
        maps = blocks.mean(2)
    return torch.nn.functional.normalize(maps.reshape(n, c, p).permute(0, 2, 1), dim=2)


def musc(model):
    """Seconds and processor seconds of the parts, scaled to --images."""
    n, m = args.images, args.sample
    # Not noise: tokens of noise are as far from each other as can be.
    x = torch.nn.functional.interpolate(torch.randn(m, 3, 37, 37), size=SIZE, mode="bilinear")
    model(x[:1])
    each = lambda: [model(x[i:i + 1], output_hidden_states=True).hidden_states for i in range(m)]
    hidden, wall, cpu = timed(each)
    parts = {"forward pass": (wall * n / m, cpu * n / m), "neighbourhoods": (0, 0), "comparing": (0, 0)}

    def add(name, scale, work):
        out, wall, cpu = timed(work)
        w, c = parts[name]
        parts[name] = w + scale * wall, c + scale * cpu
        return out

    for layer in LAYERS:
        tokens = torch.cat([h[layer + 1][:, 1:] for h in hidden])
        for r in RADII:
            z = add("neighbourhoods", n / m, lambda: aggregate(tokens, r))
            add("comparing", n * (n - 1) / (m * (m - 1)), lambda: mutual.musc(z))
    return parts


def ours(model, work):
    """Seconds and processor seconds of a whole scan."""
    photographs = sorted(os.path.join(d, f) for d, _, files in os.walk(args.folder)
                         for f in files if f.endswith((".png", ".jpg")))[:args.images]
    if len(photographs) < args.images:
        raise SystemExit(f"{args.folder} has {len(photographs)} photographs, and {args.images} were asked for")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run([args.program, "scan", "-q", "--method", "musc", "--backbone",
                           os.path.join(model, "model.safetensors"), "--size", str(SIZE),
                           "-o", os.path.join(work, "out"), *photographs], env=os.environ | {"GOMAXPROCS": str(args.threads)})
    wall = time.perf_counter() - start
    if done.returncode not in (0, 3):
        raise SystemExit(f"{args.program} ended with {done.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    net = hf.Dinov2Model(hf.Dinov2Config(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16,
                                         patch_size=14, image_size=SIZE)).eval()
    with tempfile.TemporaryDirectory() as d:
        net.save_pretrained(d, max_shard_size="100GB")
        parts = musc(net)
        del net
        wall, cpu = ours(d, d)
    print(f"{args.images} images, 12 variants, {args.threads} threads; torch {torch.__version__}")
    total = [sum(p[k] for p in parts.values()) for k in (0, 1)]
    rows = [(f"MuSc, {name}", *p) for name, p in parts.items()] + [("MuSc", *total), ("codegraph, a whole scan", wall, cpu)]
    print(f"{'':28}{'seconds':>10}{'ratio':>8}{'cpu s':>10}{'ratio':>8}")
    for name, w, c in rows:
        print(f"{name:28}{w:10.1f}{w / wall:8.2f}{c:10.1f}{c / cpu:8.2f}")


if __name__ == "__main__":
    main()
