"""Writes what PyTorch wrote before there was safetensors, from files beside this one.

    python torch_save.py        in the folder of this script; torch 2.15.0, safetensors 0.8.0

dinov2-teacher/teacher.pth is the network of dinov2-original as DINOv2's training saves
it, clip-torchscript/model.pt that of clip-open_clip as OpenAI's own files hold it.
"""

import torch
from safetensors.torch import load_file


class Part(torch.nn.Module):
    """Holds tensors under their dotted names."""

    def __init__(self, state):
        super().__init__()
        inner = {}
        for name, v in state.items():
            head, _, rest = name.partition(".")
            if rest:
                inner.setdefault(head, {})[rest] = v
            else:
                self.register_parameter(head, torch.nn.Parameter(v))
        for head, part in inner.items():
            self.add_module(head, Part(part))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


state = load_file("dinov2-original/model.safetensors")
torch.save({"teacher": {"backbone." + k: v for k, v in state.items()}, "iteration": 7}, "dinov2-teacher/teacher.pth")
torch.jit.script(Part(load_file("clip-open_clip/model.safetensors"))).save("clip-torchscript/model.pt")
