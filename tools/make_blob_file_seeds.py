#!/usr/bin/env python3
"""Writes the seeds of the fuzz target blob_file_fuzzer into testdata/fuzz/blob_file_fuzzer/.

Each seed is a small weight file and 16 bytes that tell the target what to read: offset (8), element
type (1, the number of mil::DataType), element count (7). Needs nothing but Python 3.
"""
import pathlib
import struct

SENTINEL = 0xDEADBEEF
# Positions in mil::DataType.
FP16, FP32, INT4, INT8, UINT1, UINT3, UINT4, UINT6 = 2, 3, 8, 9, 13, 15, 16, 17


def header(count, version=2):
    return struct.pack("<II56x", count, version)


def blob(at, number, data, *, size=None, offset=None, padding=0, reserved=b"\0" * 32):
    size = len(data) if size is None else size
    offset = at + 64 if offset is None else offset
    return struct.pack("<IIQQQ", SENTINEL, number, size, offset, padding) + reserved + data


def file_of(*blobs, count=None, version=2):
    """blobs: (number, data, options)."""
    image = header(len(blobs) if count is None else count, version)
    for number, data, options in blobs:
        image += b"\0" * (-len(image) % 64)
        image += blob(len(image), number, data, **options)
    return image


def choice(offset, data_type, count):
    return struct.pack("<QB", offset, data_type) + count.to_bytes(7, "little")


def main():
    folder = pathlib.Path(__file__).parent.parent / "testdata" / "fuzz" / "blob_file_fuzzer"
    folder.mkdir(parents=True, exist_ok=True)
    ramp = bytes(range(64))
    nonsense = {"size": 0x80000, "offset": 0}
    seeds = {
        "clean": file_of((1, ramp[:10], {}), (4, ramp, {}), (2, ramp[:12], {}))
        + choice(192, INT8, 64),
        "sub_byte": file_of(
            (8, b"\x78\x3f\x05", {"padding": 4}),
            (12, b"\xd1\x58\x1f\xd1\x00", {"padding": 7}),
            (13, b"\x81\x30\xfc\x05", {"padding": 2}),
            (9, b"\x8d\x01", {"padding": 7}),
        )
        + choice(192, UINT3, 11),
        "impossible_padding": file_of((11, b"\x21\x0f", {"padding": 5104411984}))
        + choice(64, UINT4, 3),
        "garbage_in_reserved": file_of(
            (2, ramp[:8], {"padding": 5104411984, "reserved": b"\xa5" * 32})
        )
        + choice(64, FP32, 2),
        "hand_made_single": file_of((1, ramp, {})) + choice(64, INT8, 64),
        "hand_made_chain": file_of((1, ramp, nonsense), (1, ramp, nonsense), count=1)
        + choice(192, INT8, 64),
        "byte_zero_points": file_of((1, b"\x08" * 8, {})) + choice(64, UINT4, 8),
        "offset_near_2_64": file_of((4, ramp, {"offset": 2**64 - 32, "size": 2**64 - 1}))
        + choice(2**64 - 64, FP16, 2**55),
        "data_before_metadata": file_of((4, ramp, {"offset": 64}), (4, ramp, {}), count=2**32 - 1)
        + choice(64, INT4, 7),
        "unaligned_data": file_of((2, ramp, {"offset": 129, "size": 4})) + choice(64, FP32, 1),
        "unknown_type": file_of((99, ramp, {})) + choice(64, UINT6, 5),
        "version_1": file_of((1, ramp, {}), version=1) + choice(64, UINT1, 9),
        "header_only": header(0),
    }
    for name, content in seeds.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
