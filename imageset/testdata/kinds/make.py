"""Writes the files of this folder: one picture in the variants of formats that
TestKinds reads. Made with Python 3.11, NumPy 2.4.6, Pillow 13.0.0, tifffile 2026.3.3,
imagecodecs 2026.3.6 (pip install numpy pillow tifffile imagecodecs)."""
import numpy as np, tifffile as tf
from PIL import Image

w, h = 24, 16
y, x = np.mgrid[0:h, 0:w]
rgb = np.stack([x * 10, y * 15, 255 - x * 5 - y * 5], -1).astype(np.uint8)
grey = (x * 6 + y * 7).astype(np.uint8)
Image.fromarray(rgb).save("rgb.png"); Image.fromarray(grey).save("grey.png")
T = lambda name, a, **k: tf.imwrite(name + ".tif", a, metadata=None, **k)
T("rgb_lzw", rgb, compression="lzw", photometric="rgb")
T("rgb_deflate_predictor", rgb, compression="deflate", predictor=2, photometric="rgb")
T("rgb_packbits", rgb, compression="packbits", photometric="rgb")
T("rgb_zstd", rgb, compression="zstd", photometric="rgb")
T("rgb_tiled", rgb, tile=(16, 16), photometric="rgb")
T("rgb_planar", np.moveaxis(rgb, -1, 0).copy(), planarconfig="separate", photometric="rgb")
T("rgb_big", rgb, bigtiff=True, photometric="rgb")
T("rgb_bigendian", rgb, byteorder=">", photometric="rgb")
T("rgb_strips", rgb, rowsperstrip=5, photometric="rgb")
T("rgb_u16", rgb.astype(np.uint16) * 257, photometric="rgb", compression="deflate", predictor=2)
T("rgb_jpeg", rgb, compression="jpeg", compressionargs={"level": 98}, photometric="rgb")
T("grey_float32", grey.astype(np.float32) / 255, compression="deflate", predictor=3)
T("grey_float16", grey.astype(np.float16) / 255)
T("grey_float64", grey.astype(np.float64) / 255)
T("grey_u32", grey.astype(np.uint32) * 16843009)
T("grey_10bits", (grey.astype(np.uint16) * 4 + 3))
T("grey_miniswhite", 255 - grey, photometric="miniswhite")
with tf.TiffWriter("pages.tif") as t:
    for k in range(3):
        t.write(np.roll(grey, k, 1), contiguous=False, metadata=None)
    t.write(grey[::2, ::2], subfiletype=1, metadata=None)
Image.fromarray(rgb).save("rgb_ycbcr.tif", compression="jpeg", quality=98)
cmyk = Image.fromarray(rgb).convert("CMYK"); cmyk.save("rgb_cmyk.tif")
Image.fromarray((grey > 80)).save("bilevel_g4.tif", compression="group4")
Image.fromarray((grey > 80)).save("bilevel.png")
Image.fromarray(grey).convert("P").save("grey_palette.tif")
Image.fromarray(rgb).save("rgb.ppm"); Image.fromarray(grey).save("grey.pgm")
Image.fromarray(rgb).save("rgb.tga"); Image.fromarray(rgb).save("rgb_rle.tga", compression="tga_rle")
Image.fromarray(grey).save("grey.tga"); Image.fromarray(rgb).save("rgb_bare.dib"); Image.fromarray(grey).save("grey_bare.dib")
Image.fromarray(grey).save("grey.gif", save_all=True, append_images=[Image.fromarray(np.roll(grey, 5, 1))])
open("grey_text.pgm", "w").write("P2 # in words\n24 16\n255\n" + "\n".join(" ".join(map(str, r)) for r in grey))
open("grey_1023.pgm", "wb").write(b"P5 24 16 1023\n" + (grey.astype(np.uint16) * 4 + 3).astype(">u2").tobytes())
# What is stored with a range, a window or values of its own, and what lacks its end.
Image.fromarray(rgb).save("rgb_lossy.webp", quality=100)
Image.fromarray(rgb).save("rgb_window.tif", compression="zstd")
nan = grey.astype(np.float32) / 255; nan[3, 4], nan[5, 6] = np.nan, np.inf
T("nan", nan); T("nothing", np.full_like(nan, np.nan))
T("bands", np.moveaxis(np.stack([grey] * 5), 0, -1).copy(), photometric="minisblack", planarconfig="contig")
Image.fromarray(rgb).save("rgb_noend.jpg", quality=98, subsampling=0)
end = open("rgb_noend.jpg", "rb").read(); open("rgb_noend.jpg", "wb").write(end[:-2])
Image.fromarray(rgb).save("moving.webp", save_all=True, append_images=[Image.fromarray(np.roll(rgb, 5, 1))])
