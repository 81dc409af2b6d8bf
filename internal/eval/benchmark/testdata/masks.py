"""Makes masks.json: masks resized as MuSc's data sets do it, torchvision's Resize
of a PIL image (bilinear, antialiased), ToTensor and a cast to integers, which
leaves what is fully white.

    python masks.py > masks.json

Made with Pillow 13.0.0 and numpy 2.4.6; torchvision's Resize of a PIL image is
Image.resize.
"""

import json

import numpy as np
from PIL import Image

rng = np.random.default_rng(3)
cases = []
for w, h, side in [(90, 70, 37), (20, 31, 48), (37, 37, 18), (64, 64, 64), (51, 9, 20)]:
    y, x = np.mgrid[0:h, 0:w]
    mask = np.zeros((h, w), bool)
    for _ in range(4):
        cx, cy, r = rng.uniform(0, w), rng.uniform(0, h), rng.uniform(2, min(w, h) / 3)
        mask |= (x - cx) ** 2 + (y - cy) ** 2 < r * r
    resized = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).resize((side, side), Image.BILINEAR))
    want = (resized.astype(np.float32) / 255).astype(np.int32)
    text = lambda a: "".join(str(int(v)) for v in a.reshape(-1))
    cases.append({"w": w, "h": h, "side": side, "mask": text(mask), "want": text(want)})
print(json.dumps(cases, indent=1))
