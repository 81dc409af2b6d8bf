"""Golden images for package imageset. Made with Pillow 13.0.0, numpy.

    python make_golden.py
"""
import os
import numpy as np
from PIL import Image

os.chdir(os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(1)
y, x = np.mgrid[0:97, 0:131]
base = np.stack([127 + 90 * np.sin(x / 5 + y / 17), 255 * ((x // 9 + y // 7) % 2), 2 * x % 256], -1)
src = Image.fromarray(np.clip(base + rng.normal(0, 20, base.shape), 0, 255).astype(np.uint8))
src.save("source.png")
for w, h in [(40, 40), (200, 150), (64, 97), (131, 20), (1, 1), (30, 260)]:
    src.resize((w, h), Image.BICUBIC).save(f"bicubic_{w}x{h}.png")
    src.resize((w, h), Image.BILINEAR).save(f"bilinear_{w}x{h}.png")

small = src.resize((24, 16), Image.BICUBIC)
small.save("rgb.png")
small.save("rgb.bmp")
small.save("rgb.tif")
small.save("rgb.webp", lossless=True)
small.convert("CMYK").save("cmyk.jpg", quality=95)
small.convert("L").save("grey.png")
small.convert("P", palette=Image.ADAPTIVE).convert("RGB").save("palette_rgb.png")
small.convert("P", palette=Image.ADAPTIVE).save("palette.png")
Image.fromarray((np.asarray(small.convert("L")).astype(np.uint16) << 8) + 77).save("grey16.png")
for o in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = o
    small.save(f"orientation_{o}.jpg", quality=95, exif=exif)
