#!/usr/bin/env python3
"""Writes the small packages in testdata/package with coremltools, and seeds for the fuzz targets.

    pip install coremltools pillow
    tools/make_test_packages.py            # all of them
    tools/make_test_packages.py images     # only these: a function of this file

Run once; the results are checked in, since another version of coremltools writes other bytes.
"""

import io
import json
import pathlib
import shutil
import struct
import sys
import zipfile
import zlib

import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.mil import get_new_symbol, types
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "testdata" / "package"
FUZZ = ROOT / "testdata" / "fuzz"
IMAGES = ROOT / "testdata" / "image"


def convert(program, name, target, inputs=None, output_color=None):
    model = ct.convert(
        program,
        convert_to="mlprogram",
        minimum_deployment_target=target,
        compute_precision=ct.precision.FLOAT32,
        inputs=inputs,
        pass_pipeline=ct.PassPipeline.EMPTY,
        skip_model_load=True,
    )
    if output_color is not None:
        # Of a program made here, coremltools takes no types for outputs.
        spec = model.get_spec()
        image = ct.proto.FeatureTypes_pb2.ImageFeatureType()
        image.colorSpace = image.ColorSpace.Value(output_color)
        shape = spec.description.output[0].type.multiArrayType.shape
        if shape:
            image.height, image.width = shape[2], shape[3]
        spec.description.output[0].type.imageType.CopyFrom(image)
        model = ct.models.MLModel(spec, weights_dir=model.weights_dir, skip_model_load=True)
    model.author = "anebench"
    model.short_description = f"A test of {name}"
    model.user_defined_metadata["note"] = "made by tools/make_test_packages.py"
    path = PACKAGES / f"{name}.mlpackage"
    shutil.rmtree(path, ignore_errors=True)
    model.save(str(path))


def scale():
    weight = np.arange(12, dtype=np.float32).reshape(3, 4) / 8
    bias = np.array([1, -1, 0.5, 0], dtype=np.float32)

    @mb.program(input_specs=[mb.TensorSpec(shape=(3, 4))], opset_version=ct.target.iOS17)
    def program(x):
        return mb.add(x=mb.mul(x=x, y=weight), y=bias, name="y")

    convert(program, "scale_ios17", ct.target.iOS17)


def branches():
    @mb.program(
        input_specs=[mb.TensorSpec(shape=(1,)), mb.TensorSpec(shape=(3,))],
        opset_version=ct.target.iOS15,
    )
    def program(p, x):
        return mb.cond(
            pred=mb.squeeze(x=mb.greater(x=p, y=np.float32(0))),
            _true_fn=lambda: mb.relu(x=x),
            _false_fn=lambda: mb.mul(x=x, y=np.float32(-2)),
            name="y",
        )

    convert(program, "branches_ios15", ct.target.iOS15)


def palette():
    indices = (np.arange(32) % 4).astype(types.np_uint2_dtype).reshape(8, 4)
    lut = np.array([-1, 0, 0.5, 2], dtype=np.float32).reshape(1, 1, 4, 1)

    @mb.program(input_specs=[mb.TensorSpec(shape=(8, 4))], opset_version=ct.target.iOS18)
    def program(x):
        return mb.add(x=x, y=mb.constexpr_lut_to_dense(indices=indices, lut=lut), name="y")

    convert(program, "palette_ios18", ct.target.iOS18)


def photo():
    """255 - x, of colors that the program sees as red, green, blue and gives as blue, green, red."""

    @mb.program(input_specs=[mb.TensorSpec(shape=(1, 3, 2, 4))], opset_version=ct.target.iOS17)
    def program(x):
        return mb.sub(x=np.float32(255), y=x, name="y")

    convert(
        program, "photo_ios17", ct.target.iOS17,
        inputs=[ct.ImageType(name="x", shape=(1, 3, 2, 4), color_layout=ct.colorlayout.RGB)],
        output_color="BGR")


def gray():
    """x / 2 for shades of gray in fp16, of widths from 2 to 8."""
    width = get_new_symbol()

    @mb.program(
        input_specs=[mb.TensorSpec(shape=(1, 1, 2, width), dtype=types.fp16)],
        opset_version=ct.target.iOS17)
    def program(x):
        return mb.mul(x=x, y=np.float16(0.5), name="y")

    convert(
        program, "gray_ios17", ct.target.iOS17,
        inputs=[ct.ImageType(
            name="x", shape=(1, 1, 2, ct.RangeDim(2, 8, default=4)),
            color_layout=ct.colorlayout.GRAYSCALE_FLOAT16)],
        output_color="GRAYSCALE_FLOAT16")


def chunk(kind, content):
    return (struct.pack(">I", len(content)) + kind + content
            + struct.pack(">I", zlib.crc32(kind + content)))


def png(width, height, depth, color, rows, *, interlaced=0, more=b""):
    """A PNG of filtered rows, for what Pillow does not write."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def adam7(pixels):
    """The filtered rows of a gray image in the seven passes of an interlaced file."""
    rows = b""
    for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                         (1, 0, 2, 2), (0, 1, 1, 2)):
        part = pixels[y::dy, x::dx]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    return rows


def images():
    """Of each kind a small image; anebench/io/image_test.cpp says what is in them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    seeds = FUZZ / "image_fuzzer"
    seeds.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[0:5, 0:6].astype(np.uint8)
    ramp = 40 * y + x  # 0 to 165
    rgb = np.stack([ramp, ramp + 10, ramp + 20], axis=-1)
    save = {"optimize": False}
    Image.fromarray(ramp).save(IMAGES / "gray.png", **save)
    Image.fromarray(rgb).save(IMAGES / "rgb.png", **save)
    alpha = np.full_like(ramp[..., None], 7)
    Image.fromarray(np.concatenate([rgb, alpha], -1)).save(IMAGES / "rgba.png", **save)
    Image.fromarray(np.concatenate([ramp[..., None], alpha], -1)).save(
        IMAGES / "gray_alpha.png", **save)
    Image.fromarray(ramp.astype(np.uint16) * 256 + 3).save(IMAGES / "gray16.png", **save)
    palette = Image.fromarray((ramp // 40).astype(np.uint8), "P")
    palette.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150])
    palette.save(IMAGES / "palette.png", transparency=0, **save)
    bits = np.packbits((x + y) % 2, axis=1)
    (IMAGES / "one_bit.png").write_bytes(
        png(6, 5, 1, 0, b"".join(b"\0" + row.tobytes() for row in bits)))
    (IMAGES / "interlaced.png").write_bytes(png(6, 5, 8, 0, adam7(ramp), interlaced=1))
    # Blocks of one color each, which JPEG keeps nearly as they are.
    blocks = np.zeros((16, 32, 3), np.uint8)
    blocks[:, :16] = (200, 40, 90)
    blocks[:, 16:] = (20, 160, 240)
    photo_of = Image.fromarray(blocks)
    photo_of.save(IMAGES / "baseline.jpg", quality=95)
    photo_of.save(IMAGES / "progressive.jpg", quality=95, progressive=True)
    photo_of.convert("L").save(IMAGES / "gray.jpg", quality=95)
    photo_of.convert("CMYK").save(IMAGES / "cmyk.jpg", quality=95)
    # 10,000 x 10,000 of zeros in 12 KB; and the same size with nothing in it.
    (IMAGES / "bomb.png").write_bytes(png(10000, 10000, 1, 0, bytes(1251 * 10000)))
    (IMAGES / "lie.png").write_bytes(png(900000, 900000, 8, 2, b""))
    text = b"Comment\0\0" + zlib.compress(bytes(9_000_000), 9)
    (IMAGES / "text_bomb.png").write_bytes(
        png(1, 1, 8, 0, b"\0\x2a", more=chunk(b"zTXt", text)))
    for path in IMAGES.iterdir():
        if path.suffix in (".png", ".jpg"):
            shutil.copy(path, seeds / path.name)


def npy_seeds():
    folder = FUZZ / "npy_fuzzer"
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in {
        "fp32": np.arange(6, dtype="<f4").reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6, dtype="<i2").reshape(2, 3)),
        "big_endian": np.arange(3, dtype=">f8"),
        "boolean": np.array([True, False]),
        "scalar": np.float16(0.5),
        "empty": np.zeros((0, 3), dtype="<u4"),
    }.items():
        np.save(folder / f"{name}.npy", array)
    header = b"{'descr': '<i2', 'fortran_order': False, 'shape': (4611686018427387904, 2), }\n"
    (folder / "huge.npy").write_bytes(
        b"\x93NUMPY\x02\x00" + struct.pack("<I", len(header)) + header)


def npz_seeds():
    folder = FUZZ / "npz_fuzzer"
    folder.mkdir(parents=True, exist_ok=True)
    for name, method, arrays in (
        ("stored", zipfile.ZIP_STORED, {"x": np.arange(3, dtype=np.float32), "y": np.float16(2)}),
        ("deflated", zipfile.ZIP_DEFLATED, {"x": np.zeros(200, np.uint8)}),
        ("bomb", zipfile.ZIP_DEFLATED, {"x": np.zeros(8 << 20, np.uint8)}),
    ):
        with zipfile.ZipFile(folder / f"{name}.npz", "w", method, compresslevel=9) as archive:
            for key, array in arrays.items():
                content = io.BytesIO()
                np.save(content, array)
                entry = zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0))
                entry.compress_type = method
                archive.writestr(entry, content.getvalue())


def package_seeds():
    models = FUZZ / "model_fuzzer"
    manifests = FUZZ / "manifest_fuzzer"
    models.mkdir(parents=True, exist_ok=True)
    manifests.mkdir(parents=True, exist_ok=True)
    for path in sorted(PACKAGES.glob("*.mlpackage")):
        shutil.copy(path / "Data/com.apple.CoreML/model.mlmodel", models / f"{path.stem}.mlmodel")
    shutil.copy(PACKAGES / "scale_ios17.mlpackage/Manifest.json", manifests / "two_items.json")
    minimal = {
        "fileFormatVersion": "1.0.0",
        "itemInfoEntries": {"1": {"path": "model.mlmodel"}},
        "rootModelIdentifier": "1",
    }
    (manifests / "minimal.json").write_text(json.dumps(minimal))


def main():
    PACKAGES.mkdir(parents=True, exist_ok=True)
    makers = (scale, branches, palette, photo, gray, images, npy_seeds, npz_seeds, package_seeds)
    for make in makers:
        if len(sys.argv) == 1 or make.__name__ in sys.argv[1:]:
            make()


if __name__ == "__main__":
    main()
