"""Makes the small networks of the tests and golden.json, what ONNX Runtime
gives through its own Python binding.

    python backbone/onnx/testdata/golden.py

Made with Python 3.11, onnx 1.23.2, onnxruntime 1.32.0, numpy 2.4.6.

tokens.onnx: an image of any size, patches of 8, a class token and a register:
outputs deep and shallow, [1][T][6], and pooled, [1][6]. maps.onnx: 32 × 32
only; a feature map [1][C][H][W], one [1][H][W][C] and a half-precision one,
which is not used.
"""

import json
import os

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(7)


def weight(name, *shape):
    return numpy_helper.from_array((rng.normal(size=shape) * 0.3).astype(np.float32), name)


def whole(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def save(name, nodes, inputs, outputs, weights):
    model = helper.make_model(helper.make_graph(nodes, name, inputs, outputs, weights), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, os.path.join(here, name + ".onnx"))


F = TensorProto.FLOAT
value = helper.make_tensor_value_info
save("tokens", [
    helper.make_node("Conv", ["image", "patch"], ["conv"], strides=[8, 8]),
    helper.make_node("Reshape", ["conv", "flat"], ["rows"]),
    helper.make_node("Transpose", ["rows"], ["patches"], perm=[0, 2, 1]),
    helper.make_node("Concat", ["prefix", "patches"], ["shallow"], axis=1),
    helper.make_node("MatMul", ["shallow", "w"], ["product"]),
    helper.make_node("Tanh", ["product"], ["deep"]),
    helper.make_node("ReduceMean", ["deep"], ["pooled"], axes=[1], keepdims=0),
], [value("image", F, ["batch", 3, "h", "w"])],
    [value("shallow", F, ["batch", "t", 6]), value("deep", F, ["batch", "t", 6]), value("pooled", F, ["batch", 6])],
    [weight("patch", 6, 3, 8, 8), whole("flat", 1, 6, -1), weight("prefix", 1, 2, 6), weight("w", 6, 6)])
save("maps", [
    helper.make_node("Conv", ["image", "one"], ["fine"], strides=[4, 4]),
    helper.make_node("Conv", ["fine", "two"], ["coarse"], strides=[2, 2]),
    helper.make_node("Transpose", ["coarse"], ["last"], perm=[0, 2, 3, 1]),
    helper.make_node("Cast", ["fine"], ["half"], to=TensorProto.FLOAT16),
], [value("image", F, [1, 3, 32, 32])],
    [value("fine", F, [1, 5, 8, 8]), value("last", F, [1, 4, 4, 7]), value("half", TensorProto.FLOAT16, [1, 5, 8, 8])],
    [weight("one", 5, 3, 4, 4), weight("two", 7, 5, 2, 2)])

golden = []
for name, size in [("tokens", 32), ("tokens", 24), ("maps", 32)]:
    x = np.sin(np.arange(3 * size * size, dtype=np.float64) * 0.37).astype(np.float32).reshape(1, 3, size, size)
    s = ort.InferenceSession(os.path.join(here, name + ".onnx"), providers=["CPUExecutionProvider"])
    outs = {o.name: v for o, v in zip(s.get_outputs(), s.run(None, {"image": x})) if v.dtype == np.float32}
    golden.append({"network": name, "size": size, "outputs": {k: {"dims": list(v.shape), "data": [float(f"{f:.9g}") for f in v.ravel()]} for k, v in outs.items()}})
with open(os.path.join(here, "golden.json"), "w") as f:
    f.write("[" + ",\n".join(json.dumps(g) for g in golden) + "]\n")
