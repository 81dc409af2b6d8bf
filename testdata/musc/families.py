"""Makes families.json and images/: what MuSc gives on a few pictures with small
networks of every family it knows, from the pictures to the rescored scores.

    python testdata/musc/families.py

The networks are those of backbone/vit/testdata, of random weights, run by
transformers. Around them are the steps of MuSc's public code: torchvision's
Resize (Pillow's bicubic filter for CLIP, bilinear for the others), the mean and
standard deviation of the family, tokens of four blocks (DINO and DINOv2 with
the final norm), LNAMD, mutual scores, maps, their maxima, and RsCIN on class
tokens, of unit length for CLIP alone.

Made with Python 3.11 and the versions of backbone/vit/testdata/requirements.txt
and Pillow 13.0.0.
"""

import json
import os
import sys

import numpy as np
import torch
import transformers as hf
from PIL import Image

import golden as musc  # beside this file

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKPOINTS = os.path.join(HERE, "..", "..", "backbone", "vit", "testdata")
sys.modules.pop("golden")
sys.path.insert(0, CHECKPOINTS)
import golden as vit  # noqa: E402

N, SIZE, RADII, WINDOWS = 9, 28, [1, 3, 5], [1, 2, 3]
CLIP = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def draw(i):
    rng = np.random.default_rng(i)
    y, x = np.mgrid[0:41, 0:53]
    base = np.stack([127 + 80 * np.sin(x / 4 + i / 9), 255 * ((x // 8 + y // 6) % 2), 4 * y + 10 * (i % 3)], -1)
    if i % 4 == 0:
        base[10:18, 20 + i:30 + i] = [250, 20, 240]
    return Image.fromarray(np.clip(base + rng.normal(0, 12, base.shape), 0, 255).astype(np.uint8))


def prepare(image, resample, statistics):
    mean, std = (np.array(v, np.float32)[:, None, None] for v in statistics)
    x = np.asarray(image.resize((SIZE, SIZE), resample), np.float32).transpose(2, 0, 1) / 255
    return torch.from_numpy((x - mean) / std)[None]


def load(network, config, folder, **own):
    own.update({k: v for k, v in config.items() if k != "model_type"})
    return network.from_pretrained(os.path.join(CHECKPOINTS, folder), config=network.config_class(**own), dtype=torch.float32).eval()


def clip(config, folder):
    m = load(hf.CLIPVisionModelWithProjection, config["vision_config"], folder, projection_dim=24, intermediate_size=64)
    return lambda x: vit.run(m, m.vision_model.encoder.layers, x, 1, interpolate_pos_encoding=True), lambda o: o.image_embeds[0]


def dinov2(config, folder):
    m = load(hf.Dinov2Model, config, folder, mlp_ratio=2)
    vit.own_positions(m)
    return lambda x: vit.run(m, m.encoder.layer, x, 1, m.layernorm), lambda o: o.last_hidden_state[0, 0]


def dino(config, folder):
    m = load(hf.ViTModel, config, folder, intermediate_size=64)
    vit.own_positions(m)
    blocks = getattr(m, "layers", None) or m.encoder.layer
    return lambda x: vit.run(m, blocks, x, 1, m.layernorm, interpolate_pos_encoding=True), lambda o: o.last_hidden_state[0, 0]


def tokens(folder, network, resample, statistics, images):
    with open(os.path.join(CHECKPOINTS, folder, "config.json")) as f:
        config = json.load(f)
    forward, class_of = network(config, folder)
    layers, classes = [], []
    for image in images:
        taps, out = forward(prepare(image, resample, statistics))
        layers.append([taps[b] for b in vit.taps_of(5)])
        classes.append(class_of(out))
    return [torch.stack(l) for l in zip(*layers)], torch.stack(classes).double()


def rscin(scores, classes):
    w = classes @ classes.T
    s = (scores - scores.min()) / (scores.max() - scores.min())
    out = 0
    for k in WINDOWS:
        masked = torch.where(w >= torch.topk(w, k, dim=1)[0][:, -1:], w, 0)
        out = out + masked @ s / masked.sum(1) / len(WINDOWS)
    return out


def main():
    torch.set_grad_enabled(False)
    images = [draw(i) for i in range(N)]
    for i, image in enumerate(images):
        image.save(os.path.join(HERE, "images", f"{i}.png"))
    cases = []
    for folder, network, resample, statistics in [
        ("clip", clip, Image.BICUBIC, CLIP), ("dinov2", dinov2, Image.BILINEAR, IMAGENET), ("dino", dino, Image.BILINEAR, IMAGENET),
    ]:
        layers, classes = tokens(folder, network, resample, statistics, images)
        if network is clip:
            classes = classes / classes.norm(dim=1, keepdim=True)
        g = SIZE // 4
        total = 0
        for r in RADII:
            for f in layers:
                z = musc.lnamd(f, g, r)
                total = total + torch.stack([musc.mutual(z, i) for i in range(N)])
        patches = total / (len(layers) * len(RADII))
        maps = torch.nn.functional.interpolate(patches.reshape(N, 1, g, g), size=SIZE, mode="bilinear", align_corners=True)
        scores = maps.reshape(N, -1).max(1)[0]
        rescored = rscin(scores.double(), classes)
        cases.append({"folder": folder, "size": SIZE, "windows": WINDOWS, "patches": [round(v, 7) for v in patches.reshape(-1).tolist()],
                      "rescored": [round(v, 7) for v in rescored.tolist()]})
    with open(os.path.join(HERE, "families.json"), "w") as f:
        f.write("[" + ",\n".join(json.dumps(c) for c in cases) + "]\n")


if __name__ == "__main__":
    main()
