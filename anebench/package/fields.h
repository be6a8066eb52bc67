// The messages of a model file and the numbers of their fields. Internal to the package layer.
//
// Source of the numbers: coremltools' public protobuf definitions (mlmodel/format/MIL.proto,
// FeatureTypes.proto, Model.proto). Fields that are not named here are kept as they are.
#pragma once

#include <protozero/types.hpp>

namespace anebench::package {

enum class ModelField : protozero::pbf_tag_type {
  specification_version = 1,
  description = 2,
  is_updatable = 10,
  ml_program = 502,
};

enum class DescriptionField : protozero::pbf_tag_type {
  input = 1,
  output = 10,
  predicted_feature_name = 11,
  predicted_probabilities_name = 12,
  state = 13,
  functions = 20,
  default_function_name = 21,
  training_input = 50,
  metadata = 100,
};

enum class FunctionDescriptionField : protozero::pbf_tag_type {
  name = 1,
  input = 2,
  output = 3,
  state = 6,
};

enum class FeatureField : protozero::pbf_tag_type { name = 1, short_description = 2, type = 3 };

enum class FeatureTypeField : protozero::pbf_tag_type {
  int64_type = 1,
  double_type = 2,
  string_type = 3,
  image_type = 4,
  multi_array_type = 5,
  dictionary_type = 6,
  sequence_type = 7,
  state_type = 8,
  is_optional = 1000,
};

enum class StateFeatureField : protozero::pbf_tag_type { array_type = 1 };

enum class ArrayFeatureField : protozero::pbf_tag_type {
  shape = 1,
  data_type = 2,
  enumerated_shapes = 21,
  shape_range = 31,
};

enum class ImageFeatureField : protozero::pbf_tag_type {
  width = 1,
  height = 2,
  color_space = 3,
  enumerated_sizes = 21,
  size_range = 31,
};

enum class EnumeratedImageSizesField : protozero::pbf_tag_type { sizes = 1 };
enum class ImageSizeField : protozero::pbf_tag_type { width = 1, height = 2 };
enum class ImageSizeRangeField : protozero::pbf_tag_type { width = 1, height = 2 };

enum class EnumeratedShapesField : protozero::pbf_tag_type { shapes = 1 };
enum class ArrayShapeField : protozero::pbf_tag_type { shape = 1 };
enum class ShapeRangeField : protozero::pbf_tag_type { size_ranges = 1 };
enum class SizeRangeField : protozero::pbf_tag_type { lower_bound = 1, upper_bound = 2 };

enum class MetadataField : protozero::pbf_tag_type {
  short_description = 1,
  version = 2,
  author = 3,
  license = 4,
  user_defined = 100,
};

enum class ProgramField : protozero::pbf_tag_type {
  version = 1,
  functions = 2,
  doc_string = 3,
  attributes = 4,
};

enum class FunctionField : protozero::pbf_tag_type {
  inputs = 1,
  opset = 2,
  block_specializations = 3,
  attributes = 4,
};

enum class BlockField : protozero::pbf_tag_type {
  inputs = 1,
  outputs = 2,
  operations = 3,
  attributes = 4,
};

enum class OperationField : protozero::pbf_tag_type {
  type = 1,
  inputs = 2,
  outputs = 3,
  blocks = 4,
  attributes = 5,
};

enum class ArgumentField : protozero::pbf_tag_type { arguments = 1 };
enum class BindingField : protozero::pbf_tag_type { name = 1, value = 2 };
enum class NamedTypeField : protozero::pbf_tag_type { name = 1, type = 2 };

enum class TypeField : protozero::pbf_tag_type {
  tensor = 1,
  list = 2,
  tuple = 3,
  dictionary = 4,
  state = 5,
};

enum class TensorTypeField : protozero::pbf_tag_type { data_type = 1, rank = 2, dimensions = 3 };
enum class DimensionField : protozero::pbf_tag_type { constant = 1, unknown = 2 };
enum class ConstantDimensionField : protozero::pbf_tag_type { size = 1 };
enum class UnknownDimensionField : protozero::pbf_tag_type { variadic = 1 };
enum class ListTypeField : protozero::pbf_tag_type { type = 1, length = 2 };
enum class TupleTypeField : protozero::pbf_tag_type { types = 1 };
enum class DictionaryTypeField : protozero::pbf_tag_type { key = 1, value = 2 };
enum class StateTypeField : protozero::pbf_tag_type { wrapped = 1 };

enum class ValueField : protozero::pbf_tag_type {
  doc_string = 1,
  type = 2,
  immediate = 3,
  blob_file = 5,
};

enum class ImmediateField : protozero::pbf_tag_type {
  tensor = 1,
  tuple = 2,
  list = 3,
  dictionary = 4,
};

enum class TensorValueField : protozero::pbf_tag_type {
  floats = 1,
  ints = 2,
  bools = 3,
  strings = 4,
  long_ints = 5,
  doubles = 6,
  bytes = 7,
};

// Of each message that holds the elements of a tensor, tuple, list or dictionary.
enum class ElementsField : protozero::pbf_tag_type { values = 1 };
enum class BlobFileField : protozero::pbf_tag_type { file_name = 1, offset = 2 };

// An entry of any map, and a key and value of a dictionary.
enum class EntryField : protozero::pbf_tag_type { key = 1, value = 2 };

}  // namespace anebench::package
