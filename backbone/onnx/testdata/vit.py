"""Exports a DINOv2 of random weights from PyTorch to ONNX, beside its checkpoint.

    python backbone/onnx/testdata/vit.py DIR [--width 384 --depth 12 --size 224]
    CODEGRAPH_ONNX_VIT=DIR go test -run Exported ./backbone/onnx

The test holds tokens and class token of the export on ONNX Runtime against
those of package vit on the checkpoint. Made with torch 2.15.0, transformers
5.24.0, onnx 1.23.2.
"""

import argparse
import os

import torch
import transformers as hf

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("out")
p.add_argument("--width", type=int, default=384)
p.add_argument("--depth", type=int, default=12)
p.add_argument("--size", type=int, default=224)
a = p.parse_args()
torch.manual_seed(3)
model = hf.Dinov2Model(hf.Dinov2Config(hidden_size=a.width, num_hidden_layers=a.depth, num_attention_heads=a.width // 64, patch_size=14, image_size=a.size, attn_implementation="eager")).eval()


class Layers(torch.nn.Module):
    """The blocks that package vit taps, after the final norm."""

    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, image):
        states = self.model(image, output_hidden_states=True).hidden_states
        return tuple(self.model.layernorm(states[a.depth * q // 4]) for q in (1, 2, 3, 4))


os.makedirs(a.out, exist_ok=True)
model.save_pretrained(a.out)
names = [f"block{a.depth * q // 4 - 1}" for q in (1, 2, 3, 4)]
torch.onnx.export(Layers(), (torch.zeros(1, 3, a.size, a.size),), os.path.join(a.out, "net.onnx"), input_names=["image"], output_names=names, opset_version=18)
