"""Opens the regions of a scan in the tools that they are for, and fails where one
of them does not: python check.py FOLDER PHOTOS, of the scan's output and of the
photographs. Checked with pycocotools 2.0.11, datumaro 1.13.12 and label-studio-sdk
2.1.2 on Python 3.11 (pip install pycocotools datumaro label-studio-sdk)."""
import json, pathlib, shutil, sys, tempfile

import datumaro
from label_studio_sdk.converter.imports.coco import convert_coco_to_ls
from pycocotools.coco import COCO

out, photos = map(pathlib.Path, sys.argv[1:])
regions = out / "regions.coco.json"

coco = COCO(str(regions))
annotations = coco.loadAnns(coco.getAnnIds())
for a in annotations:
    # Holes are filled in outlines, so that they may hold more.
    assert coco.annToMask(a).sum() >= a["area"], a["id"]

with tempfile.TemporaryDirectory() as tmp:
    tmp = pathlib.Path(tmp)
    (tmp / "annotations").mkdir()
    shutil.copy(regions, tmp / "annotations" / "instances_default.json")
    shutil.copytree(photos, tmp / "images" / "default")
    for reader in datumaro.Dataset, datumaro.StreamDataset:
        items = list(reader.import_from(str(tmp), "coco_instances"))
        assert len(items) == len(coco.imgs), reader
    convert_coco_to_ls(input_file=str(regions), out_file=str(tmp / "tasks.json"), to_name="image", from_name="label", out_type="annotations")
    assert len(json.loads((tmp / "tasks.json").read_text())) == len(coco.imgs)
print(len(coco.imgs), "images,", len(annotations), "regions")
