"""Writes files of torch.save, and beside them what is in them (golden.json).

    python golden.py            into the folder of this script

Made with Python 3.11 and torch 2.15.0.
"""

import argparse
import json
import os

import torch

HERE = os.path.dirname(os.path.abspath(__file__))


class Evil:
    def __reduce__(self):
        return os.system, ("touch run-by-a-pickle",)


class Net(torch.nn.Module):
    """A module with the tensors s, and one within a list within it."""

    def __init__(self, s, inner=None):
        super().__init__()
        self.sizes, self.rates, self.names = [1, 2], [0.5], {"a": 1}
        for k, v in s.items():
            self.register_buffer(k + "_", v.detach())  # half and double are methods
        self.blocks = torch.nn.ModuleList([inner] if inner else [])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def state():
    a = torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4 - 0.5
    return {
        "a": a, "transposed": a.T, "row": a[1], "column": a[:, 2], "tied": a,
        "half": torch.tensor([1.5, -3, 2**-24], dtype=torch.float16),
        "bfloat": torch.tensor([[1.5], [-3]], dtype=torch.bfloat16),
        "double": torch.tensor([1 / 3], dtype=torch.float64),
        "scalar": torch.tensor(7.5), "empty": torch.zeros(0, 4), "count": torch.tensor(9),
        "parameter": torch.nn.Parameter(torch.tensor([0.25, 0.5])),
    }


def main():
    s = state()
    golden = {k: {"shape": list(v.shape), "values": [float(x) for x in v.detach().float().reshape(-1)]}
              for k, v in s.items() if v.is_floating_point()}
    module = torch.nn.Linear(2, 1)
    half = {k: v * 2 for k, v in s.items() if k == "a"}
    args = argparse.Namespace(arch="vit_small", lr=0.0005)
    training = {"state_dict": s, "epoch": 3, "args": args, "loss": 0.5, "big": 2**70, "negative": -5, "list": [1, (2, None, True)],
                "optimizer": {"state": {0: {"exp_avg": torch.zeros(2)}}}}
    files = {
        "zip.pth": s, "training.pth": training, "nested.pth": {"model": {"teacher": s, "student": half}},
        "several.pth": {"model": s, "model_ema": half}, "none.pth": {"epoch": 3}, "module.pth": module, "evil.pth": {"a": s["a"], "x": Evil()},
        "list.pth": [s["a"]], "expanded.pth": {"a": torch.ones(1).expand(1000)},
    }
    for name, value in files.items():
        torch.save(value, os.path.join(HERE, name))
    for name in ["zip.pth", "training.pth", "evil.pth"]:
        torch.save(files[name], os.path.join(HERE, name.replace("zip", "plain").replace(".pth", "-legacy.pth")), _use_new_zipfile_serialization=False)
    torch.save(s, os.path.join(HERE, "protocol4.pth"), pickle_protocol=4)
    torch.jit.script(Net(s, Net({"deep": s["a"]}))).save(os.path.join(HERE, "script.pt"))
    with open(os.path.join(HERE, "golden.json"), "w") as f:
        json.dump(golden, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
