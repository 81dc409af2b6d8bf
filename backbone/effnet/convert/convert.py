"""Converts an EfficientNet-Lite checkpoint to the format of package effnet.

    python convert.py --variant lite0 --last-stage 5 --out ../weights/lite0.cgw

Batch norms are folded into the convolutions in double precision; weights are
then rounded to half precision, biases to single. The format is described in
format.go. The output is a function of the arguments alone.
"""

import argparse
import hashlib
import json
import struct

import numpy as np

import reference

MAGIC = b"CGEFNET\0"
VERSION = 1


def layout(name, weight):
    """Brings a convolution's [out][in][kh][kw] into the order of use."""
    if name == "stem":  # [kh·kw·in][out]: the patch is a row of a matrix
        return weight.transpose(2, 3, 1, 0).reshape(-1, weight.shape[0])
    if name.endswith("depthwise"):  # [kh·kw][channels]
        return weight[:, 0].transpose(1, 2, 0).reshape(-1, weight.shape[0])
    return weight[:, :, 0, 0].T  # [in][out]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", default="lite0", choices=["lite0", "lite1", "lite2"])
    parser.add_argument("--last-stage", type=int, default=5, choices=range(1, 8))
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    net = reference.load(args.variant)
    kept = [b for b in reference.blocks(net) if b.stage <= args.last_stage]
    tensors, chunks, offset = [], [], 0
    for name, conv, bn in reference.convolutions(net, args.last_stage):
        weight, bias = reference.fold(conv, bn)
        weight = layout(name, weight)
        for suffix, data, dtype in (("weight", weight, "f16"), ("bias", bias, "f32")):
            raw = np.ascontiguousarray(data, dtype="<f2" if dtype == "f16" else "<f4")
            assert np.isfinite(raw).all()
            tensors.append(
                {"name": f"{name}.{suffix}", "dtype": dtype, "shape": list(raw.shape), "offset": offset}
            )
            chunks.append(raw.tobytes())
            offset += raw.nbytes

    header = {
        "name": f"efficientnet-{args.variant}",
        "mean": [reference.MEAN / 255] * 3,
        "std": [reference.STD / 255] * 3,
        "stem": net._conv_stem.out_channels,
        "blocks": [
            {
                "stage": b.stage,
                "kernel": b.kernel,
                "stride": b.stride,
                "expand": b.expand,
                "in": b.inp,
                "out": b.out,
                "residual": b.residual,
            }
            for b in kept
        ],
        "tensors": tensors,
    }
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    body = MAGIC + struct.pack("<II", VERSION, len(text)) + text + b"".join(chunks)
    with open(args.out, "wb") as f:
        f.write(body + hashlib.sha256(body).digest())
    print(f"{args.out}: {len(kept)} blocks, {len(body) + 32} bytes")


if __name__ == "__main__":
    main()
