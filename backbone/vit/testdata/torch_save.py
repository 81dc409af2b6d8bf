"""Writes dinov2-teacher/teacher.pth: the network of dinov2-original as DINOv2's training saves it.

    python torch_save.py        in the folder of this script; torch 2.15.0, safetensors 0.8.0
"""

import torch
from safetensors.torch import load_file

state = load_file("dinov2-original/model.safetensors")
torch.save({"teacher": {"backbone." + k: v for k, v in state.items()}, "iteration": 7}, "dinov2-teacher/teacher.pth")
