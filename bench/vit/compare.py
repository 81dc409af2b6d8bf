"""Times the forward pass beside PyTorch and ONNX Runtime.

    go build -o /tmp/vitbench ./bench/vit
    python bench/vit/compare.py --bench /tmp/vitbench --model dinov2-base --threads 2

All run the same random weights on the same machine, in turns, as many images
at a time as there are threads (a batch in PyTorch and ONNX Runtime, which split
each product among their threads). Times are medians per image; processor time
is the fairer figure on a machine that others use. Needs torch and transformers
as in backbone/vit/testdata/requirements.txt, onnx, onnxscript and onnxruntime.
"""

import argparse
import json
import os
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
    p.add_argument("--only", default="", help="contenders, separated by ;")
    a = p.parse_args()
    import torch
    import transformers
    torch.set_grad_enabled(False)
    torch.set_num_threads(a.threads)
    model = network(a.model, a.size)
    x = torch.randn(a.threads, 3, a.size, a.size)
    with tempfile.TemporaryDirectory() as d:
        model.save_pretrained(d, max_shard_size="100GB")
        contenders = {
            "PyTorch, fp32": timed(lambda: model(x), a.threads),
            "PyTorch, bf16": timed(half(model, x), a.threads),
            "ONNX Runtime, fp32": timed(onnx(model, x, d, a.threads), a.threads),
            "codegraph, exact": Ours(a, d, False),
            "codegraph, fast": Ours(a, d, True),
        }
        names = [n for n in contenders if not a.only or n in a.only.split(";")]
        times = {n: [] for n in names}
        for i in range(a.rounds + 1):
            for n in names:
                t = contenders[n]()
                if i > 0:  # the first warms up
                    times[n].append(t)
    median = lambda n, k: statistics.median(t[k] for t in times[n])
    import onnxruntime
    print(f"{a.model} at {a.size}, {a.threads} threads, {a.rounds} rounds in turns; torch {torch.__version__}, "
          f"transformers {transformers.__version__}, onnxruntime {onnxruntime.__version__}")
    print(f"{'per image':24}{'seconds':>10}{'ratio':>8}{'cpu s':>10}{'ratio':>8}")
    for n in names:
        print(f"{n:24}{median(n, 0):10.3f}{median(n, 0) / median(names[-1], 0):8.2f}{median(n, 1):10.3f}{median(n, 1) / median(names[-1], 1):8.2f}")


def timed(f, images):
    """Wall-clock and processor seconds of f, per image."""
    def run():
        start, cpu = time.perf_counter(), time.process_time()
        f()
        return (time.perf_counter() - start) / images, (time.process_time() - cpu) / images
    return run


def half(model, x):
    import copy

    import torch
    m, y = copy.deepcopy(model).to(torch.bfloat16), x.to(torch.bfloat16)
    return lambda: m(y)


def onnx(model, x, folder, threads):
    import onnxruntime
    import torch
    path = os.path.join(folder, "net.onnx")
    torch.onnx.export(model, (x,), path, dynamo=True, external_data=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x.numpy()}
    return lambda: session.run(None, feed)


class Ours:
    """The program of bench/vit, which does a round for every line it reads."""

    def __init__(self, a, folder, fast):
        self.process = subprocess.Popen(
            [a.bench, "-model", folder, "-size", str(a.size), "-threads", str(a.threads), f"-fast={str(fast).lower()}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self):
        print("go", file=self.process.stdin, flush=True)
        r = json.loads(self.process.stdout.readline())
        return r["seconds"] / r["images"], r["cpu"] / r["images"]


if __name__ == "__main__":
    main()
