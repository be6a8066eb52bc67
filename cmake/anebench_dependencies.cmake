# Third-party packages, each with one job (docs and DESIGN give the reasons).
#
# ANEBENCH_HEADER_ONLY_DEPS is for builds whose standard library or processor differs from that of
# the installed binaries: header-only packages are linked into a folder of their own, so that a
# cross compiler sees them without seeing the build machine's other headers.
include(GoogleTest)
find_package(Threads REQUIRED)

if(ANEBENCH_HEADER_ONLY_DEPS)
  set(third_party_include ${PROJECT_BINARY_DIR}/third_party_include)
  file(MAKE_DIRECTORY ${third_party_include})
  foreach(folder fmt nlohmann tl CLI protozero)
    find_path(ANEBENCH_${folder}_ROOT NAMES ${folder} PATHS /usr/include /opt/homebrew/include
              /usr/local/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
    file(CREATE_LINK ${ANEBENCH_${folder}_ROOT}/${folder} ${third_party_include}/${folder} SYMBOLIC)
  endforeach()
  add_library(anebench_third_party INTERFACE)
  target_include_directories(anebench_third_party SYSTEM INTERFACE
                             $<BUILD_INTERFACE:${third_party_include}>)
  target_compile_definitions(anebench_third_party INTERFACE FMT_HEADER_ONLY=1)
else()
  find_package(fmt REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(tl-expected REQUIRED)
  find_package(CLI11 REQUIRED)
  add_library(anebench_third_party INTERFACE)
  target_link_libraries(anebench_third_party INTERFACE
    fmt::fmt nlohmann_json::nlohmann_json tl::expected CLI11::CLI11)
  # Headers only, and without a package file of its own.
  find_path(ANEBENCH_PROTOZERO_INCLUDE_DIR NAMES protozero/pbf_reader.hpp REQUIRED)
  mark_as_advanced(ANEBENCH_PROTOZERO_INCLUDE_DIR)
  target_include_directories(anebench_third_party SYSTEM INTERFACE
                             $<BUILD_INTERFACE:${ANEBENCH_PROTOZERO_INCLUDE_DIR}>)
endif()

if(ANEBENCH_BUILD_TESTS)
  if(ANEBENCH_HEADER_ONLY_DEPS OR ANEBENCH_SANITIZE)
    find_path(ANEBENCH_GTEST_SOURCE NAMES googletest/CMakeLists.txt PATHS /usr/src/googletest
              NO_CMAKE_FIND_ROOT_PATH REQUIRED)
    set(INSTALL_GTEST OFF)
    add_subdirectory(${ANEBENCH_GTEST_SOURCE} ${PROJECT_BINARY_DIR}/googletest EXCLUDE_FROM_ALL SYSTEM)
  else()
    find_package(GTest REQUIRED)
  endif()
endif()

set(ANEBENCH_HAVE_ONEDNN OFF)
if(ANEBENCH_WITH_ONEDNN AND NOT ANEBENCH_HEADER_ONLY_DEPS)
  find_package(dnnl QUIET)
  if(dnnl_FOUND)
    set(ANEBENCH_HAVE_ONEDNN ON)
  endif()
endif()
# C libraries: they serve any standard library, but only the build machine's processor.
set(ANEBENCH_HAVE_LIBZIP OFF)
set(ANEBENCH_HAVE_IMAGES OFF)
if(NOT CMAKE_CROSSCOMPILING)
  find_package(libzip QUIET)
  if(libzip_FOUND)
    set(ANEBENCH_HAVE_LIBZIP ON)
  endif()
  find_package(PNG QUIET)
  find_package(JPEG QUIET)
  if(PNG_FOUND AND JPEG_FOUND)
    set(ANEBENCH_HAVE_IMAGES ON)
  endif()
endif()
if(ANEBENCH_BUILD_BENCH AND NOT ANEBENCH_HEADER_ONLY_DEPS)
  find_package(benchmark QUIET)
endif()
