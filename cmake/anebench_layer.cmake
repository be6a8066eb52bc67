# anebench_layer(<name> SOURCES … HEADERS … TESTS … DEPENDS <layers…> LIBRARIES <targets…>
#                TEST_DEPENDS <layers…> TEST_LABELS <labels…> FOLDER <folder>)
#
# Makes the library target anebench_<name> and, with TESTS, the test program <name>_test.
# HEADERS are the public ones: they are installed, and each is compiled alone to show that it needs
# no other before it. A layer inside another's folder gives its own, FOLDER device/cpu/kernels.
#
# Layering is enforced by the include path: a layer's headers are reachable only through a link
# made for that layer in the build tree, and a target sees only the links of its dependencies.
# Including a header of any other layer is "no such file".
set(ANEBENCH_INCLUDE_ROOT ${PROJECT_BINARY_DIR}/layer_include)

function(anebench_layer name)
  cmake_parse_arguments(ARG "" "FOLDER"
    "SOURCES;HEADERS;TESTS;DEPENDS;LIBRARIES;TEST_DEPENDS;TEST_LABELS" ${ARGN})
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${name})
  endif()

  set(link ${ANEBENCH_INCLUDE_ROOT}/${name}/anebench/${ARG_FOLDER})
  get_filename_component(link_folder ${link} DIRECTORY)
  file(MAKE_DIRECTORY ${link_folder})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${link} SYMBOLIC)

  set(target anebench_${name})
  list(TRANSFORM ARG_DEPENDS PREPEND anebench_ OUTPUT_VARIABLE layers)
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:anebench_options>)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(anebench::${name} ALIAS ${target})
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${ANEBENCH_INCLUDE_ROOT}/${name}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} ${scope} cxx_std_20)
  target_link_libraries(${target} ${scope} ${layers} ${ARG_LIBRARIES})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY ANEBENCH_LAYERS ${name})
  set_property(GLOBAL APPEND PROPERTY ANEBENCH_LAYER_FOLDERS ${ARG_FOLDER})
  # What a compilation in this layer may include, for tools/check_layering.sh.
  file(GENERATE OUTPUT ${ANEBENCH_INCLUDE_ROOT}/${name}.txt CONTENT
    "$<JOIN:$<TARGET_PROPERTY:${target},$<IF:$<STREQUAL:${scope},INTERFACE>,INTERFACE_,>INCLUDE_DIRECTORIES>,\n>\n")
  foreach(header ${ARG_HEADERS})
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/anebench/${ARG_FOLDER}/${folder})
  endforeach()

  if(ARG_TESTS AND ANEBENCH_BUILD_TESTS)
    anebench_test(${name}_test SOURCES ${ARG_TESTS} DEPENDS ${name} ${ARG_TEST_DEPENDS}
                  LABELS ${ARG_TEST_LABELS})
  endif()
  anebench_check_headers(${name} ${ARG_FOLDER} ${ARG_HEADERS})
endfunction()

# Compiles each header of a layer alone, with no more than the layer's own include paths.
function(anebench_check_headers name layer_folder)
  set(sources)
  foreach(header ${ARGN})
    if(NOT header MATCHES "\\.h$")
      continue()
    endif()
    string(MAKE_C_IDENTIFIER ${header} identifier)
    set(source ${PROJECT_BINARY_DIR}/header_checks/${name}/${identifier}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"anebench/${layer_folder}/${header}\"\n")
    list(APPEND sources ${source})
  endforeach()
  if(sources)
    add_library(anebench_${name}_headers OBJECT EXCLUDE_FROM_ALL ${sources})
    set_target_properties(anebench_${name}_headers PROPERTIES UNITY_BUILD OFF)
    target_link_libraries(anebench_${name}_headers PRIVATE anebench_${name} anebench_options)
    add_dependencies(anebench_header_checks anebench_${name}_headers)
  endif()
endfunction()
if(NOT TARGET anebench_header_checks)
  add_custom_target(anebench_header_checks)
endif()

# anebench_test(<name> SOURCES … DEPENDS <layers…> LIBRARIES <targets…> LABELS …
#               ENVIRONMENT <name=value>)
# A GoogleTest program; each of its tests is known to CTest by its own name, or, with
# ANEBENCH_WHOLE_TEST_PROGRAMS, the program as one test. Labels in use:
#   threaded  runs threads; also run under ThreadSanitizer
#   kernel    exercises code that differs between processors; also run for Arm, under emulation
#   slow      long statistical runs; only in the release build
#   e2e       runs the program as a user does
#   package   installs and uses the installed library; only in the release build
# The build target anebench_<label>_tests makes the programs that carry a label.
function(anebench_test name)
  cmake_parse_arguments(ARG "" "ENVIRONMENT" "SOURCES;DEPENDS;LIBRARIES;LABELS" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND anebench_)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE
    ${ARG_DEPENDS} ${ARG_LIBRARIES} anebench_test_data GTest::gmock GTest::gtest_main
    anebench_options)
  foreach(label ${ARG_LABELS})
    if(NOT TARGET anebench_${label}_tests)
      add_custom_target(anebench_${label}_tests)
    endif()
    add_dependencies(anebench_${label}_tests ${name})
  endforeach()
  # One label for all, "kernel-threaded": the discovery script loses lists, and ctest -L matches
  # parts.
  list(JOIN ARG_LABELS "-" labels)
  set(properties)
  if(labels)
    list(APPEND properties LABELS ${labels})
  endif()
  if(ARG_ENVIRONMENT)
    list(APPEND properties ENVIRONMENT "${ARG_ENVIRONMENT}")
  endif()
  if(ANEBENCH_WHOLE_TEST_PROGRAMS AND NOT "e2e" IN_LIST ARG_LABELS)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 1200 ${properties})
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 900 ${properties})
  endif()
endfunction()
