#!/usr/bin/env python3
"""Writes the small packages in testdata/package with coremltools, and seeds for the fuzz targets.

    pip install coremltools
    tools/make_test_packages.py

Run once; the results are checked in, since another version of coremltools writes other bytes.
"""

import io
import json
import pathlib
import shutil
import struct
import zipfile

import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.mil import types

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "testdata" / "package"
FUZZ = ROOT / "testdata" / "fuzz"


def convert(program, name, target, inputs=None):
    model = ct.convert(
        program,
        convert_to="mlprogram",
        minimum_deployment_target=target,
        compute_precision=ct.precision.FLOAT32,
        inputs=inputs,
        pass_pipeline=ct.PassPipeline.EMPTY,
        skip_model_load=True,
    )
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
    scale()
    branches()
    palette()
    npy_seeds()
    npz_seeds()
    package_seeds()


if __name__ == "__main__":
    main()
