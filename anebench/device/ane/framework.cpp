#include "anebench/device/ane/framework.h"

#include <fmt/format.h>

#include <vector>

namespace anebench::device::ane {
namespace {

// Foundation answers nil only where memory is short or text is no UTF-8.
Result<Id> require_object(Result<Id> made, std::string_view what) {
  ANEBENCH_ASSIGN(object, std::move(made));
  if (object != nullptr) return object;
  return fail(ErrorCode::resource_exhausted, "the system could not make {}", what);
}

}  // namespace

Result<std::shared_ptr<const Framework>> Framework::open(const FrameworkLocation& location,
                                                         Survey& survey) {
  const auto framework = std::make_shared<Framework>();
  ANEBENCH_ASSIGN(runtime, Runtime::open(location.libraries, survey));
  framework->runtime_ = std::move(runtime);
  framework->is_stand_in_ = location.is_stand_in;
  watch_exceptions(*framework->runtime_);
  Binder binder(*framework->runtime_, survey);
  framework->bind_foundation(binder);
  framework->bind_engine(binder);
  framework->bind_information(binder);
  if (const SurveyItem* obstacle = survey.first_obstacle()) {
    return fail(ErrorCode::unavailable,
                "the system's framework is not the one that this program knows: of the {} {}, {}",
                to_string(obstacle->kind), obstacle->name, obstacle->problem);
  }
  return std::shared_ptr<const Framework>(framework);
}

void Framework::bind_foundation(Binder& binder) {
  const auto data = binder.find_class("NSData");
  const auto string = binder.find_class("NSString");
  const auto number = binder.find_class("NSNumber");
  const auto array = binder.find_class("NSArray");
  const auto dictionary = binder.find_class("NSDictionary");
  const auto error = binder.find_class("NSError");
  Foundation& f = foundation_;
  f.data_class = data.object;
  f.string_class = string.object;
  f.number_class = number.object;
  f.array_class = array.object;
  f.dictionary_class = dictionary.object;
  binder.bind_class(f.make_data, data, "dataWithBytes:length:");
  binder.bind_class(f.make_string, string, "stringWithUTF8String:");
  binder.bind_instance(f.characters, string, "UTF8String");
  binder.bind_class(f.make_number, number, "numberWithUnsignedLongLong:");
  binder.bind_class(f.make_array, array, "arrayWithObjects:count:");
  binder.bind_class(f.make_dictionary, dictionary, "dictionaryWithObjects:forKeys:count:");
  binder.bind_instance(f.error_text, error, "localizedDescription");
  binder.bind_instance(f.error_domain, error, "domain");
  binder.bind_instance(f.error_code, error, "code");
}

void Framework::bind_engine(Binder& binder) {
  const auto descriptor = binder.find_class("_ANEInMemoryModelDescriptor");
  const auto model = binder.find_class("_ANEInMemoryModel");
  const auto surface = binder.find_class("_ANEIOSurfaceObject");
  const auto request = binder.find_class("_ANERequest");
  Engine& e = engine_;
  e.descriptor_class = descriptor.object;
  e.model_class = model.object;
  e.surface_class = surface.object;
  e.request_class = request.object;
  binder.bind_class(e.make_descriptor, descriptor, "modelWithMILText:weights:optionsPlist:");
  binder.bind_class(e.make_model, model, "inMemoryModelWithDescriptor:");
  binder.bind_instance(e.identifier, model, "hexStringIdentifier");
  binder.bind_instance(e.compile, model, "compileWithQoS:options:error:");
  binder.bind_instance(e.load, model, "loadWithQoS:options:error:");
  binder.bind_instance(e.evaluate, model, "evaluateWithQoS:options:request:error:");
  binder.bind_instance(e.unload, model, "unloadWithQoS:error:");
  binder.bind_class(e.wrap_surface, surface, "objectWithIOSurface:");
  binder.bind_class(e.make_request, request,
                    "requestWithInputs:inputIndices:outputs:outputIndices:weightsBuffer:perfStats:"
                    "procedureIndex:");
}

void Framework::bind_information(Binder& binder) {
  const auto info = binder.find_class("_ANEDeviceInfo");
  information_.info_class = info.object;
  // Systems differ in what they tell, and nothing depends on it.
  binder.bind_class(information_.engines, info, "numANEs", false);
  binder.bind_class(information_.cores, info, "numANECores", false);
  binder.bind_class(information_.subtype, info, "aneSubType", false);
}

EngineFacts Framework::engine_facts() const {
  const Pool pool(*runtime_);
  const DeviceInformation& info = information_;
  EngineFacts facts;
  if (info.subtype.is_bound()) {
    const auto subtype = info.subtype(info.info_class);
    if (subtype && *subtype != nullptr) facts.subtype = text_of(*subtype).value_or("");
  }
  const auto count = [&](const Message<std::uint32_t()>& message) -> std::optional<std::uint32_t> {
    if (!message.is_bound()) return std::nullopt;
    const auto counted = message(info.info_class);
    return counted ? std::optional(*counted) : std::nullopt;
  };
  facts.engines = count(info.engines);
  facts.cores = count(info.cores);
  return facts;
}

Result<std::filesystem::path> Framework::temporary_directory() const {
  const Pool pool(*runtime_);
  const Id path = runtime_->functions().temporary_directory();
  if (path == nullptr) {
    return fail(ErrorCode::unavailable, "the system names no folder for temporary files");
  }
  ANEBENCH_ASSIGN(text, text_of(path));
  return std::filesystem::path(text);
}

Result<Id> Framework::data(std::span<const std::byte> bytes) const {
  return require_object(foundation_.make_data(foundation_.data_class, bytes.data(), bytes.size()),
                        fmt::format("a copy of {} bytes", bytes.size()));
}

Result<Id> Framework::string(const std::string& text) const {
  return require_object(foundation_.make_string(foundation_.string_class, text.c_str()),
                        fmt::format("a string of \"{}\"", text));
}

Result<Id> Framework::number(std::uint64_t value) const {
  return require_object(foundation_.make_number(foundation_.number_class, value), "a number");
}

Result<Id> Framework::array(std::span<const Id> items) const {
  return require_object(foundation_.make_array(foundation_.array_class, items.data(), items.size()),
                        "an array");
}

Result<Id> Framework::dictionary(std::span<const std::pair<Id, Id>> keys_and_values) const {
  std::vector<Id> keys;
  std::vector<Id> values;
  for (const auto& [key, value] : keys_and_values) {
    keys.push_back(key);
    values.push_back(value);
  }
  return require_object(foundation_.make_dictionary(foundation_.dictionary_class, values.data(),
                                                    keys.data(), keys.size()),
                        "a dictionary");
}

Result<std::string> Framework::text_of(Id string) const {
  ANEBENCH_ASSIGN(characters, foundation_.characters(string));
  return std::string(characters == nullptr ? "" : characters);
}

std::string Framework::describe_error(Id error) const {
  const auto text = [&](const Message<Id()>& message) -> std::string {
    const auto string = message(error);
    if (!string || *string == nullptr) return "";
    return text_of(*string).value_or("");
  };
  std::string description = text(foundation_.error_text);
  if (description.empty()) description = "an error without a text";
  const auto code = foundation_.error_code(error);
  return fmt::format("{} ({}, code {:#x})", description, text(foundation_.error_domain),
                     code ? *code : 0);
}

}  // namespace anebench::device::ane
