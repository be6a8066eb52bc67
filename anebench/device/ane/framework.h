// The Neural Engine's private framework and the parts of Foundation that it needs: every class and
// message of them that this program uses, found and checked when it is opened.
//
//   Survey survey;
//   ANEBENCH_ASSIGN(framework, Framework::open(locate_framework(), survey));
//   const Pool pool(framework->runtime());
//   ANEBENCH_ASSIGN(engines, framework->engine_count());
//
// Source of the classes, selectors and their meaning: spec/ane-runtime.md. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "anebench/base/result.h"
#include "anebench/device/ane/framework_location.h"
#include "anebench/device/ane/objc_message.h"
#include "anebench/device/ane/objc_runtime.h"
#include "anebench/device/ane/survey.h"

namespace anebench::device::ane {

// What the system says of its engines; empty where it does not say.
struct EngineFacts {
  std::string subtype;  // "h17g"
  std::optional<std::uint32_t> engines;
  std::optional<std::uint32_t> cores;  // counts clusters: 2 on an M5
};

class Framework {
 public:
  // Errors: unavailable, with what is missing or not as this program knows it.
  static Result<std::shared_ptr<const Framework>> open(const FrameworkLocation& location,
                                                       Survey& survey);

  const Runtime& runtime() const { return *runtime_; }
  bool is_stand_in() const { return is_stand_in_; }
  EngineFacts engine_facts() const;
  // Where the system looks for models' folders.
  Result<std::filesystem::path> temporary_directory() const;

  // Foundation's values. They belong to the pool that is open.
  Result<Id> data(std::span<const std::byte> bytes) const;
  Result<Id> string(const std::string& text) const;
  Result<Id> number(std::uint64_t value) const;
  Result<Id> array(std::span<const Id> items) const;
  Result<Id> dictionary(std::span<const std::pair<Id, Id>> keys_and_values) const;
  Result<std::string> text_of(Id string) const;
  // "the text (domain, code 29)"; for the object that a message with an error argument left.
  std::string describe_error(Id error) const;

  // The engine's classes, and what is sent to them and to their objects.
  struct Engine {
    Id descriptor_class = nullptr;
    Id model_class = nullptr;
    Id surface_class = nullptr;
    Id request_class = nullptr;
    Message<Id(Id, Id, Id)> make_descriptor;  // text, weights, options
    Message<Id(Id)> make_model;               // descriptor
    Message<Id()> identifier;
    Message<Bool(std::uint32_t, Id, Id*)> compile;  // quality of service, options, error
    Message<Bool(std::uint32_t, Id, Id*)> load;
    Message<Bool(std::uint32_t, Id, Id, Id*)> evaluate;  // …, request, error
    Message<Bool(std::uint32_t, Id*)> unload;
    Message<Id(IoSurfaceRef)> wrap_surface;
    // Inputs, their indices, outputs, theirs, weights buffer, statistics, procedure.
    Message<Id(Id, Id, Id, Id, Id, Id, Id)> make_request;
  };
  const Engine& engine() const { return engine_; }

 private:
  struct Foundation {
    Id data_class = nullptr;
    Id string_class = nullptr;
    Id number_class = nullptr;
    Id array_class = nullptr;
    Id dictionary_class = nullptr;
    Message<Id(const void*, std::uint64_t)> make_data;
    Message<Id(const char*)> make_string;
    Message<const char*()> characters;
    Message<Id(std::uint64_t)> make_number;
    Message<Id(const Id*, std::uint64_t)> make_array;
    Message<Id(const Id*, const Id*, std::uint64_t)> make_dictionary;  // values, keys
    Message<Id()> error_text;
    Message<Id()> error_domain;
    Message<std::int64_t()> error_code;
  };
  struct DeviceInformation {
    Id info_class = nullptr;
    Message<std::uint32_t()> engines;
    Message<std::uint32_t()> cores;
    Message<Id()> subtype;
  };

  void bind_foundation(Binder& binder);
  void bind_engine(Binder& binder);
  void bind_information(Binder& binder);

  std::unique_ptr<Runtime> runtime_;
  bool is_stand_in_ = false;
  Foundation foundation_;
  Engine engine_;
  DeviceInformation information_;
};

}  // namespace anebench::device::ane
