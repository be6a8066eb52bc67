#!/usr/bin/env python3
"""Compares the models that `anebench generate` writes with what coremltools writes.

    python3 -m venv build/coremltools && build/coremltools/bin/pip install coremltools
    build/release/cli/anebench generate all -o models
    build/coremltools/bin/python tools/check_generated_with_coremltools.py models

Each package is read by coremltools twice, as a specification and as a program (its MIL frontend),
and compared with coremltools' own conversion of the same network: kinds of operations in their
order, arguments, types and shapes of values, small constants, where weights are stored, inputs and
outputs, opset and specification. Exit status 1 where anything differs. Names are compared apart and
only counted: coremltools' passes lose those that a program gives to `quantize` and `dequantize`.
Values of weights are not compared, since those are random.

Not part of the tests: coremltools is large, and its conversions differ from version to version.
What was compared is said by version.
"""

import argparse
import itertools
import pathlib
import sys

import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.frontend.milproto.load import load as load_milproto
from coremltools.converters.mil.mil import types
from coremltools.proto import FeatureTypes_pb2, MIL_pb2

# Name: channels, layers, whether in int8. 64 x 64 positions each.
MODELS = {
    "int8_compute_fp16": (256, 256, False),
    "int8_compute_fp16_512": (512, 128, False),
    "int8_compute_w8a8": (256, 256, True),
    "int8_compute_w8a8_512": (512, 128, True),
}
SIZE = 64
ACTIVATION_SCALE = np.float16(0.125)
WEIGHT_SCALE = np.float16(0.001)


def build(channels, layers, is_int8):
    """The network as somebody would write it with coremltools."""
    rng = np.random.default_rng(0)
    shape = (channels, channels, 1, 1)

    def weight(layer):
        if not is_int8:
            return (rng.standard_normal(shape) * 0.01).astype(np.float16)
        return mb.constexpr_affine_dequantize(
            quantized_data=rng.integers(-64, 63, shape, dtype=np.int8),
            zero_point=np.int8(0), scale=WEIGHT_SCALE, axis=np.int32(0), name=f"w_{layer:03}")

    @mb.program(
        input_specs=[mb.TensorSpec((1, channels, SIZE, SIZE), dtype=types.fp16)],
        opset_version=ct.target.iOS18)
    def program(x):
        for layer in range(layers):
            if layer > 0 and is_int8:
                x = mb.quantize(input=x, zero_point=np.int8(0), scale=ACTIVATION_SCALE,
                                output_dtype="int8", name=f"q_{layer - 1:03}")
                x = mb.dequantize(input=x, zero_point=np.int8(0), scale=ACTIVATION_SCALE,
                                  name=f"dq_{layer - 1:03}")
            data = weight(layer)
            if not is_int8:
                data = mb.const(val=data, name=f"w_{layer:03}")
            x = mb.conv(x=x, weight=data, pad_type="valid", name=f"conv_{layer:03}")
        return x

    return ct.convert(
        program, convert_to="mlprogram", minimum_deployment_target=ct.target.iOS18,
        skip_model_load=True).get_spec()


def type_text(value_type):
    kind = value_type.WhichOneof("type")
    if kind != "tensorType":
        return kind
    tensor = value_type.tensorType
    sizes = [str(dim.constant.size) if dim.HasField("constant") else "?"
             for dim in tensor.dimensions]
    return f"{MIL_pb2.DataType.Name(tensor.dataType).lower()}[{', '.join(sizes)}]"


def value_text(value):
    """Type and storage, and the value itself of what is no weight."""
    storage = value.WhichOneof("value")
    text = f"{type_text(value.type)} {storage}"
    if storage == "immediateValue":
        text += " " + str(value.immediateValue).replace("\n", " ")
    return text


def operation_texts(operation, places):
    """What is compared of an operation, by aspect; values by the place of what computes them."""

    def binding_text(binding):
        return places[binding.name] if binding.HasField("name") else value_text(binding.value)

    return {
        "type": operation.type,
        "outputs": [type_text(output.type) for output in operation.outputs],
        "inputs": {name: [binding_text(binding) for binding in argument.arguments]
                   for name, argument in sorted(operation.inputs.items())},
        "attributes": {name: value_text(value)
                       for name, value in sorted(operation.attributes.items()) if name != "name"},
        "names": [output.name for output in operation.outputs],
    }


def all_operation_texts(spec):
    (_, function), = spec.mlProgram.functions.items()
    places = {value.name: f"input {index}" for index, value in enumerate(function.inputs)}
    texts = []
    for index, operation in enumerate(operations_of(spec)):
        texts.append(operation_texts(operation, places))
        for output in operation.outputs:
            places[output.name] = f"operation {index}"
    return texts


def feature_text(feature):
    array = feature.type.multiArrayType
    kind = FeatureTypes_pb2.ArrayFeatureType.ArrayDataType.Name(array.dataType)
    return f"{feature.name}: {kind} {list(array.shape)}"


def interface_texts(spec):
    (name, function), = spec.mlProgram.functions.items()
    block = function.block_specializations[function.opset]
    return {
        "specification": spec.specificationVersion,
        "function": name,
        "opset": function.opset,
        "inputs": [f"{value.name}: {type_text(value.type)}" for value in function.inputs],
        "outputs": list(block.outputs),
        "described inputs": [feature_text(feature) for feature in spec.description.input],
        "described outputs": [feature_text(feature) for feature in spec.description.output],
    }


def operations_of(spec):
    (_, function), = spec.mlProgram.functions.items()
    return function.block_specializations[function.opset].operations


def differences(ours, theirs):
    """Lines that say what differs, and how many names do."""
    lines = []
    found = interface_texts(ours)
    for aspect, wanted in interface_texts(theirs).items():
        if found[aspect] != wanted:
            lines.append(f"{aspect}: {found[aspect]} where coremltools has {wanted}")
    mine, other = all_operation_texts(ours), all_operation_texts(theirs)
    if len(mine) != len(other):
        lines.append(f"{len(mine)} operations where coremltools has {len(other)}")
    places = {}
    for index, (texts, wanted) in enumerate(zip(mine, other)):
        for aspect in wanted:
            if texts[aspect] != wanted[aspect]:
                places.setdefault(aspect, []).append(
                    f"operation {index}: {texts[aspect]} where coremltools has {wanted[aspect]}")
    names = places.pop("names", [])
    for aspect, found_at in places.items():
        lines += [f"{aspect}, {place}" for place in itertools.islice(found_at, 3)]
        if len(found_at) > 3:
            lines.append(f"{aspect}, in {len(found_at)} places")
    return lines, names


def frontend_differences(path, spec):
    """What coremltools' MIL frontend makes of a package, against the package itself."""
    program = load_milproto(
        model_spec=spec, specification_version=spec.specificationVersion,
        file_weights_dir=str(path / "Data/com.apple.CoreML/weights"))
    loaded = [operation.op_type for operation in program.functions["main"].operations]
    written = [operation.type for operation in operations_of(spec)]
    # The frontend may add constants of its own, but computes the same.
    loaded, written = ([kind for kind in kinds if kind != "const"] for kinds in (loaded, written))
    return [] if loaded == written else ["the MIL frontend reads other operations"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="where `anebench generate all` wrote to")
    parser.add_argument("--only", choices=MODELS, help="one of the models")
    arguments = parser.parse_args()
    differing = 0
    for name, (channels, layers, is_int8) in MODELS.items():
        if arguments.only not in (None, name):
            continue
        path = arguments.folder / f"{name}.mlpackage"
        spec = ct.models.utils.load_spec(str(path))
        lines, names = differences(spec, build(channels, layers, is_int8))
        lines += frontend_differences(path, spec)
        differing += bool(lines)
        print(f"{name}: {len(operations_of(spec))} operations, "
              f"{'differs from' if lines else 'the same as'} coremltools {ct.__version__}'s")
        for line in lines:
            print(f"  {line}")
        if names:
            print(f"  names: {len(names)} differ, first {names[0]}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
