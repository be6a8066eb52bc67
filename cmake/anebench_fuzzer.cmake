# anebench_fuzzer(<name>_fuzzer SOURCE <x_fuzz.cpp> DEPENDS <layers…>)
#
# A libFuzzer target (LLVMFuzzerTestOneInput) beside the code that it fuzzes. Its seeds lie in
# testdata/fuzz/<name>_fuzzer/.
#
# With ANEBENCH_BUILD_FUZZERS (clang) it becomes the program <name>_fuzzer, under AddressSanitizer
# and UndefinedBehaviorSanitizer. In every build with tests, whichever the compiler, the test
# <name>_fuzzer_corpus runs it over its seeds, their truncations and some fixed mutations of them.
if(ANEBENCH_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "ANEBENCH_BUILD_FUZZERS needs clang: use the preset fuzz")
  endif()
  # The libraries report which code an input reaches.
  target_compile_options(anebench_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(anebench_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

function(anebench_fuzzer name)
  cmake_parse_arguments(ARG "" "SOURCE" "DEPENDS" ${ARGN})
  if(NOT name MATCHES "_fuzzer$")
    message(FATAL_ERROR "the fuzz target ${name} must be named <what>_fuzzer")
  endif()
  list(TRANSFORM ARG_DEPENDS PREPEND anebench_ OUTPUT_VARIABLE layers)
  set(corpus ${PROJECT_SOURCE_DIR}/testdata/fuzz/${name})

  if(ANEBENCH_BUILD_FUZZERS)
    add_executable(${name} ${ARG_SOURCE})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
    target_link_libraries(${name} PRIVATE ${layers} anebench_options)
  endif()

  if(ANEBENCH_BUILD_TESTS)
    add_executable(${name}_corpus ${ARG_SOURCE} ${PROJECT_SOURCE_DIR}/cmake/fuzz_corpus_main.cpp)
    target_link_libraries(${name}_corpus PRIVATE ${layers} anebench_base anebench_options)
    add_test(NAME ${name}_corpus COMMAND ${name}_corpus ${corpus})
    set_tests_properties(${name}_corpus PROPERTIES TIMEOUT 300 LABELS fuzz)
  endif()
endfunction()
