"""Writes checkpoints of random weights and what the reference makes of them.

    python golden.py --out .              the small ones of testdata
    python golden.py --out DIR --full     full-depth, full-width ones: gigabytes

For every family a network of `transformers` gets seeded weights, multiples of
1/128 below 2, which BF16, F16 and F32 all hold exactly. Each is stored in all
its layouts, and open_clip and timm, loaded with their own, must agree with
transformers before anything is written. A folder holds

    model.safetensors, config.json   the checkpoint
    golden.safetensors               per input size HxW: the image HxW.x, the tokens
                                     HxW.block0 and so on, and the class token HxW.class

Tokens are those of MuSc's code: see doc.go. CLIP's class token is of unit length. Position embeddings of DINO and
DINOv2 are resized as their own code does, which transformers' does not.
"""

import argparse
import json
import math
import os
import tempfile
from functools import partial

import open_clip
import timm
import torch
import transformers as hf
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

SMALL = dict(width=32, depth=5, heads=2, mlp=64, patch=4, image=20, sizes=[(20, 20), (12, 28), (44, 44)])


def randomise(model, seed, wide):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            v = torch.randn(p.shape, generator=g)
            if p.dim() >= 2 and "position" not in name and "token" not in name and "embedding" not in name.split(".")[-1]:
                v *= (1.0 if not wide else 0.7) / math.sqrt(p[0].numel())
                if "patch" in name:
                    v *= 0.5
            elif "norm" in name and name.endswith("weight") or "lambda" in name:
                v = 1 + 0.2 * v if "lambda" not in name else 0.4 + 0.2 * v
            else:
                v *= 0.2
            step = 128 if not wide else 1024
            p.copy_((v * step).round().clamp(-255, 255) / step if not wide else (v * step).round() / step)
    return model.eval()


def scale_factor_positions(self, embeddings, height, width):
    """interpolate_pos_encoding of DINO and DINOv2 (without registers)."""
    pos, patch = self.position_embeddings, self.patch_embeddings.projection.kernel_size[0]
    n, h, w = pos.shape[1] - 1, height // patch, width // patch
    m = int(math.sqrt(n))
    if h * w == n and h == w:
        return pos
    grid = pos[:, 1:].reshape(1, m, m, -1).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, scale_factor=((h + 0.1) / m, (w + 0.1) / m), mode="bicubic")
    assert grid.shape[-2:] == (h, w)
    return torch.cat((pos[:, :1], grid.permute(0, 2, 3, 1).reshape(1, h * w, -1)), dim=1)


def own_positions(model):
    e = model.embeddings
    e.interpolate_pos_encoding = lambda x, h, w: scale_factor_positions(e, x, h, w)


def run(model, blocks, x, prefix, final=None, **kwargs):
    """Outputs of all blocks, without prefix tokens, and the model's output."""
    taps = []

    def hook(_, __, out):
        t = out[0] if isinstance(out, tuple) else out
        taps.append((final(t) if final else t)[0, prefix:].detach().clone())

    handles = [b.register_forward_hook(hook) for b in blocks]
    with torch.no_grad():
        out = model(x, **kwargs)
    for h in handles:
        h.remove()
    return taps, out


def saved(model):
    """The tensors under the names of checkpoints, which need not be those of modules."""
    with tempfile.TemporaryDirectory() as d:
        model.save_pretrained(d, max_shard_size="100GB")
        return load_file(os.path.join(d, "model.safetensors"))


def taps_of(depth):
    return sorted({depth * q // 4 - 1 for q in range(1, 5)})


class Golden:
    def __init__(self, out, spec):
        self.out, self.spec = out, spec

    def config(self, **kw):
        s = self.spec
        return dict(hidden_size=s["width"], num_hidden_layers=s["depth"], num_attention_heads=s["heads"],
                    patch_size=s["patch"], image_size=s["image"], **kw)

    def inputs(self):
        g = torch.Generator().manual_seed(7)
        for h, w in self.spec["sizes"]:
            yield h, w, (torch.randn(1, 3, h, w, generator=g) * 64).round() / 64

    def references(self, model, blocks, prefix, final=None, cls=None, **kwargs):
        ref = {}
        for h, w, x in self.inputs():
            taps, out = run(model, blocks, x, prefix, final, **kwargs)
            ref[f"{h}x{w}.x"] = x[0]
            for i in taps_of(self.spec["depth"]):
                ref[f"{h}x{w}.block{i}"] = taps[i]
            if cls:
                ref[f"{h}x{w}.class"] = cls(out)
        return ref

    def write(self, name, state, dtype, config, ref=None):
        d = os.path.join(self.out, name)
        os.makedirs(d, exist_ok=True)
        typed = {}
        for k, v in state.items():
            typed[k] = v.detach().to(dtype).contiguous()
            assert torch.equal(typed[k].float(), v.float()), k
        save_file(typed, os.path.join(d, "model.safetensors"), metadata={"format": "pt"})
        if config is not None:
            with open(os.path.join(d, "config.json"), "w") as f:
                json.dump(config, f, indent=1)
                f.write("\n")
        if ref is not None:
            save_file({k: v.detach().contiguous().clone() for k, v in ref.items()}, os.path.join(d, "golden.safetensors"))

    def agree(self, ref, model, blocks, prefix, sizes=None, final=None):
        """Another implementation must give the same tokens."""
        for h, w, x in self.inputs():
            if sizes and (h, w) not in sizes:
                continue
            taps, _ = run(model, blocks, x, prefix, final)
            for i in taps_of(self.spec["depth"]):
                want = ref[f"{h}x{w}.block{i}"]
                error = (taps[i] - want).abs().max() / want.abs().max()
                assert error < 1e-5, (h, w, i, error)

    @property
    def native(self):
        return [(self.spec["image"], self.spec["image"])]


def keep(config):
    """The part of a configuration that shapes the network."""
    names = ["model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "patch_size", "image_size",
             "hidden_act", "layer_norm_eps", "rope_theta", "use_swiglu_ffn", "use_gated_mlp", "num_register_tokens"]
    d = config.to_dict()
    return {k: d[k] for k in names if k in d}


def clip(g, act, seed, name):
    s = g.spec
    cfg = hf.CLIPVisionConfig(**g.config(intermediate_size=s["mlp"], projection_dim=24, hidden_act=act))
    m = randomise(hf.CLIPVisionModelWithProjection(cfg), seed, g.spec is not SMALL)
    ref = g.references(m, m.vision_model.encoder.layers, 1, cls=lambda o: F.normalize(o.image_embeds[0], dim=0), interpolate_pos_encoding=True)
    sd = saved(m)
    g.write(f"{name}", sd, torch.bfloat16 if g.spec is SMALL else torch.float32, {"model_type": "clip", "vision_config": keep(cfg)}, ref)

    oc = {}
    for k, v in sd.items():
        k = k.replace("vision_model.", "visual.").replace("embeddings.class_embedding", "class_embedding")
        k = k.replace("embeddings.patch_embedding", "conv1").replace("embeddings.position_embedding.weight", "positional_embedding")
        k = k.replace("pre_layrnorm", "ln_pre").replace("post_layernorm", "ln_post").replace("encoder.layers", "transformer.resblocks")
        k = k.replace("layer_norm1", "ln_1").replace("layer_norm2", "ln_2").replace("self_attn.out_proj", "attn.out_proj")
        k = k.replace("mlp.fc1", "mlp.c_fc").replace("mlp.fc2", "mlp.c_proj")
        oc[k] = v
    oc["visual.proj"] = oc.pop("visual_projection.weight").T
    for i in range(s["depth"]):
        at = f"visual.transformer.resblocks.{i}."
        for part in ("weight", "bias"):
            oc[at + f"attn.in_proj_{part}"] = torch.cat([oc.pop(at + f"self_attn.{x}_proj.{part}") for x in "qkv"])
    v = open_clip.transformer.VisionTransformer(
        image_size=s["image"], patch_size=s["patch"], width=s["width"], layers=s["depth"], heads=s["heads"],
        mlp_ratio=s["mlp"] / s["width"], output_dim=24,
        act_layer=open_clip.transformer.QuickGELU if act == "quick_gelu" else nn.GELU).eval()
    v.load_state_dict({k.removeprefix("visual."): t for k, t in oc.items()})
    g.agree(ref, v, v.transformer.resblocks, 1, g.native)
    for h, w, x in g.inputs():
        if (h, w) in g.native:
            assert (F.normalize(v(x)[0], dim=0) - ref[f"{h}x{w}.class"]).abs().max() < 1e-4
    if g.spec is SMALL:
        t = timm_vit(s, eps=1e-5, mlp_ratio=s["mlp"] / s["width"], pre_norm=True,
                     act_layer="quick_gelu" if act == "quick_gelu" else "gelu")
        tm = {}
        for k, x in oc.items():
            k = k.removeprefix("visual.")
            for old, new in [("transformer.resblocks", "blocks"), ("ln_1", "norm1"), ("ln_2", "norm2"), ("attn.in_proj_", "attn.qkv."),
                             ("attn.out_proj", "attn.proj"), ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2"), ("conv1", "patch_embed.proj"),
                             ("ln_pre", "norm_pre"), ("ln_post", "norm"), ("positional_embedding", "pos_embed"), ("class_embedding", "cls_token")]:
                k = k.replace(old, new)
            tm[k] = x[None] if k == "pos_embed" else x[None, None] if k == "cls_token" else x
        head = tm.pop("proj").T
        t.load_state_dict(tm)
        g.agree(ref, t, t.blocks, 1, g.native)
        g.write(f"{name}-timm", {**tm, "head.weight": head}, torch.float16, {"num_attention_heads": s["heads"], "hidden_act": act})
    oc["transformer.resblocks.0.ln_1.weight"] = torch.ones(8)  # of the text tower
    g.write(f"{name}-open_clip", oc, torch.float16 if g.spec is SMALL else torch.float32, {"num_attention_heads": s["heads"], "hidden_act": act})


def original(sd, depth):
    """Names of the authors' code (and timm's) from transformers'."""
    out = {}
    for k, v in sd.items():
        for a, b in [("embeddings.cls_token", "cls_token"), ("embeddings.mask_token", "mask_token"),
                     ("embeddings.register_tokens", "register_tokens"), ("embeddings.position_embeddings", "pos_embed"),
                     ("embeddings.patch_embeddings.projection", "patch_embed.proj"), ("encoder.layer.", "blocks."),
                     ("attention.output.dense", "attn.proj"), ("layer_scale1.lambda1", "ls1.gamma"),
                     ("layer_scale2.lambda1", "ls2.gamma"), ("layernorm_before", "norm1"), ("layernorm_after", "norm2"),
                     ("intermediate.dense", "mlp.fc1"), ("output.dense", "mlp.fc2"), ("weights_in", "w12"), ("weights_out", "w3")]:
            k = k.replace(a, b)
        if k.startswith("layernorm."):
            k = k.replace("layernorm.", "norm.")
        out[k] = v
    for i in range(depth):
        at = f"blocks.{i}."
        for part in ("weight", "bias"):
            out[at + f"attn.qkv.{part}"] = torch.cat([out.pop(at + f"attention.attention.{x}.{part}") for x in ("query", "key", "value")])
    return out


def timm_vit(s, eps=1e-6, **kw):
    return timm.models.vision_transformer.VisionTransformer(
        img_size=s["image"], patch_size=s["patch"], embed_dim=s["width"], depth=s["depth"], num_heads=s["heads"],
        num_classes=0, norm_layer=partial(nn.LayerNorm, eps=eps), **kw).eval()


def dinov2(g, name, registers, swiglu, seed):
    s = g.spec
    kw = g.config(mlp_ratio=s["mlp"] // s["width"], use_swiglu_ffn=swiglu)
    if registers:
        cfg = hf.Dinov2WithRegistersConfig(num_register_tokens=registers, **kw)
        m = hf.Dinov2WithRegistersModel(cfg)
    else:
        cfg = hf.Dinov2Config(**kw)
        m = hf.Dinov2Model(cfg)
        own_positions(m)
    randomise(m, seed, g.spec is not SMALL)
    ref = g.references(m, m.encoder.layer, 1 + registers, final=m.layernorm, cls=lambda o: o.last_hidden_state[0, 0])
    sd = saved(m)
    g.write(name, sd, torch.float16 if g.spec is SMALL else torch.float32, keep(cfg), ref)
    orig = original(sd, s["depth"])
    g.write(f"{name}-original", orig, torch.bfloat16 if g.spec is SMALL else torch.float32, {"num_attention_heads": s["heads"]})

    layers = timm.layers
    tm = {k.replace("register_tokens", "reg_token").replace("mlp.w12", "mlp.fc1").replace("mlp.w3", "mlp.fc2"): v
          for k, v in orig.items() if k != "mask_token"}
    extra = dict(init_values=1.0)
    if registers:
        extra.update(reg_tokens=registers, no_embed_class=True)
        tm["cls_token"] = tm["cls_token"] + tm["pos_embed"][:, :1]
        tm["pos_embed"] = tm["pos_embed"][:, 1:]
    if swiglu:
        hidden = tm["blocks.0.mlp.fc1.weight"].shape[0] / s["width"]
        extra.update(mlp_layer=layers.SwiGLUPacked, act_layer=nn.SiLU, mlp_ratio=hidden)
    else:
        extra.update(mlp_ratio=s["mlp"] / s["width"])
    t = timm_vit(s, **extra)
    t.load_state_dict(tm)
    g.agree(ref, t, t.blocks, 1 + registers, g.native, final=t.norm)
    if registers:
        g.write(f"{name}-timm", tm, torch.float16, {"num_attention_heads": s["heads"]})


def dino(g, seed):
    s = g.spec
    cfg = hf.ViTConfig(**g.config(intermediate_size=s["mlp"]))
    m = randomise(hf.ViTModel(cfg, add_pooling_layer=False), seed, g.spec is not SMALL)
    own_positions(m)
    blocks = getattr(m, "layers", None) or m.encoder.layer
    ref = g.references(m, blocks, 1, final=m.layernorm, cls=lambda o: o.last_hidden_state[0, 0], interpolate_pos_encoding=True)
    sd = saved(m)
    g.write("dino", sd, torch.float16 if g.spec is SMALL else torch.float32, keep(cfg), ref)
    orig = original(sd, s["depth"])
    t = timm_vit(s, mlp_ratio=s["mlp"] / s["width"])
    t.load_state_dict(orig)
    g.agree(ref, t, t.blocks, 1, g.native, final=t.norm)
    g.write("dino-original", orig, torch.float32, {"num_attention_heads": s["heads"]})


def dinov3(g, name, gated, seed):
    s = g.spec
    cfg = hf.DINOv3ViTConfig(**g.config(intermediate_size=s["mlp"], num_register_tokens=4, use_gated_mlp=gated,
                                        hidden_act="silu" if gated else "gelu"))
    m = randomise(hf.DINOv3ViTModel(cfg), seed, g.spec is not SMALL)
    ref = g.references(m, m.model.layer, 5, final=m.norm, cls=lambda o: o.last_hidden_state[0, 0])
    sd = saved(m)
    g.write(name, sd, torch.float16 if g.spec is SMALL else torch.float32, keep(cfg), ref)

    tm = {}
    for k, v in sd.items():
        for old, new in [("model.layer.", "layer."), ("layer.", "blocks."), ("embeddings.cls_token", "cls_token"),
                         ("embeddings.register_tokens", "reg_token"), ("embeddings.patch_embeddings", "patch_embed.proj"),
                         ("attention.o_proj", "attn.proj"), ("blocks_scale", "layer_scale"), ("layer_scale1.lambda1", "gamma_1"),
                         ("layer_scale2.lambda1", "gamma_2"), ("mlp.gate_proj", "mlp.fc1_g"),
                         ("mlp.up_proj", "mlp.fc1_x" if gated else "mlp.fc1"), ("mlp.down_proj", "mlp.fc2")]:
            k = k.replace(old, new)
        tm[k] = v
    tm.pop("embeddings.mask_token")
    for i in range(s["depth"]):
        at = f"blocks.{i}."
        tm[at + "attn.qkv.weight"] = torch.cat([tm.pop(at + f"attention.{x}_proj.weight") for x in "qkv"])
        for x in "qv":
            tm[at + f"attn.{x}_bias"] = tm.pop(at + f"attention.{x}_proj.bias")
    t = timm.models.eva.Eva(
        img_size=s["image"], patch_size=s["patch"], embed_dim=s["width"], depth=s["depth"], num_heads=s["heads"], num_classes=0,
        mlp_ratio=s["mlp"] / s["width"], swiglu_mlp=gated, swiglu_align_to=8 if gated else 0, qkv_bias=True, init_values=1.0, rope_type="dinov3", rope_temperature=100,
        use_rot_pos_emb=True, use_abs_pos_emb=False, rope_rotate_half=True, num_reg_tokens=4, use_fc_norm=False,
        dynamic_img_size=True, norm_layer=partial(nn.LayerNorm, eps=1e-5)).eval()
    missing, unexpected = t.load_state_dict(tm, strict=False)
    assert not unexpected and all("k_bias" in k or "rope" in k for k in missing), (missing, unexpected)
    g.agree(ref, t, t.blocks, 5, final=t.norm)
    g.write(f"{name}-timm", tm, torch.bfloat16, {"num_attention_heads": s["heads"]})


def siglip(g, seed):
    s = g.spec
    cfg = hf.SiglipVisionConfig(**g.config(intermediate_size=s["mlp"]))
    m = randomise(hf.SiglipVisionModel(cfg), seed, g.spec is not SMALL)
    body = getattr(m, "vision_model", m)
    ref = g.references(m, body.encoder.layers, 0, interpolate_pos_encoding=True)
    # Published checkpoints hold the text tower too, hence the prefix.
    sd = {"vision_model." + k: v for k, v in saved(m).items() if not k.startswith("head.")}
    g.write("siglip", sd, torch.float16 if g.spec is SMALL else torch.float32, {"model_type": "siglip", "vision_config": keep(cfg)}, ref)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", required=True)
    p.add_argument("--full", action="store_true")
    p.add_argument("--giant", action="store_true", help="with --full: DINOv2 g too, 20 GB of memory")
    a = p.parse_args()
    torch.set_grad_enabled(False)
    if not a.full:
        g = Golden(a.out, SMALL)
        clip(g, "quick_gelu", 1, "clip")
        clip(g, "gelu", 2, "clip-gelu")
        dinov2(g, "dinov2", 0, False, 3)
        dinov2(g, "dinov2-registers", 4, True, 4)
        dino(g, 5)
        dinov3(g, "dinov3", False, 6)
        dinov3(g, "dinov3-gated", True, 7)
        siglip(g, 8)
        return
    large = dict(width=1024, depth=24, heads=16, mlp=4096, patch=14, sizes=[(518, 518)])
    clip(Golden(a.out, dict(large, image=336)), "quick_gelu", 1, "clip-large")
    dinov2(Golden(a.out, dict(large, image=518)), "dinov2-large", 0, False, 3)
    if a.giant:
        dinov2(Golden(a.out, dict(large, width=1536, depth=40, heads=24, mlp=6144, image=518)), "dinov2-giant", 0, True, 4)


if __name__ == "__main__":
    main()
