"""Times the forward pass beside PyTorch in single precision.

    go build -o /tmp/vitbench ./bench/vit
    python bench/vit/compare.py --bench /tmp/vitbench --model dinov2-base --threads 2

Both run the same random weights on the same machine, in turns, as many images
at a time as there are threads (a batch in PyTorch, which splits each product
among its threads). Times are medians per image; processor time is the fairer
figure on a machine that others use. Needs torch and transformers as in
backbone/vit/testdata/requirements.txt.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time

SHAPES = {
    "dinov2-small": (384, 12, 6, 14), "dinov2-base": (768, 12, 12, 14), "dinov2-large": (1024, 24, 16, 14),
    "clip-large": (1024, 24, 16, 14),
}


def network(name, size):
    import transformers as hf
    width, depth, heads, patch = SHAPES[name]
    kw = dict(hidden_size=width, num_hidden_layers=depth, num_attention_heads=heads, patch_size=patch, image_size=size)
    if name.startswith("clip"):
        return hf.CLIPVisionModel(hf.CLIPVisionConfig(intermediate_size=4 * width, **kw)).eval()
    return hf.Dinov2Model(hf.Dinov2Config(**kw)).eval()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bench", required=True, help="the program built from bench/vit")
    p.add_argument("--model", default="dinov2-base", choices=SHAPES)
    p.add_argument("--size", type=int, default=518)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--rounds", type=int, default=5)
    a = p.parse_args()
    import torch
    import transformers
    torch.set_grad_enabled(False)
    torch.set_num_threads(a.threads)
    model = network(a.model, a.size)
    x = torch.randn(a.threads, 3, a.size, a.size)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as d:
        model.save_pretrained(d, max_shard_size="100GB")
        bench = subprocess.Popen([a.bench, "-model", d, "-size", str(a.size), "-threads", str(a.threads)],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for i in range(a.rounds + 1):
            print("go", file=bench.stdin, flush=True)
            r = json.loads(bench.stdout.readline())
            start, cpu = time.perf_counter(), time.process_time()
            model(x)
            t = (time.perf_counter() - start) / a.threads, (time.process_time() - cpu) / a.threads
            if i > 0:  # the first warms up
                ours.append((r["seconds"] / r["images"], r["cpu"] / r["images"]))
                theirs.append(t)
        bench.stdin.close()
        bench.wait()
    median = lambda rounds, k: statistics.median(r[k] for r in rounds)
    print(f"{a.model} at {a.size}, {a.threads} threads, {a.rounds} rounds in turns; torch {torch.__version__}, "
          f"transformers {transformers.__version__}, {platform.processor() or platform.machine()}")
    print(f"{'':24}{'PyTorch':>10}{'codegraph':>12}{'ratio':>8}")
    for k, what in enumerate(["seconds per image", "processor seconds"]):
        print(f"{what:24}{median(theirs, k):10.3f}{median(ours, k):12.3f}{median(theirs, k) / median(ours, k):8.2f}")


if __name__ == "__main__":
    main()
