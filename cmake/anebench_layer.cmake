# anebench_layer(<name> SOURCES … HEADERS … TESTS … DEPENDS <layers…> LIBRARIES <targets…>)
#
# Makes the library target anebench_<name> and, with TESTS, the test program <name>_test.
#
# Layering is enforced by the include path: a layer's headers are reachable only through a link
# made for that layer in the build tree, and a target sees only the links of its dependencies.
# Including a header of any other layer is "no such file".
set(ANEBENCH_INCLUDE_ROOT ${PROJECT_BINARY_DIR}/layer_include)

function(anebench_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;TESTS;DEPENDS;LIBRARIES;TEST_DEPENDS" ${ARGN})

  file(MAKE_DIRECTORY ${ANEBENCH_INCLUDE_ROOT}/${name}/anebench)
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}
       ${ANEBENCH_INCLUDE_ROOT}/${name}/anebench/${name} SYMBOLIC)

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
  foreach(header ${ARG_HEADERS})
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/anebench/${name}/${folder})
  endforeach()

  if(ARG_TESTS AND ANEBENCH_BUILD_TESTS)
    anebench_test(${name}_test SOURCES ${ARG_TESTS} DEPENDS ${name} ${ARG_TEST_DEPENDS})
  endif()
endfunction()

# anebench_test(<name> SOURCES … DEPENDS <layers…> LIBRARIES <targets…> LABELS …)
# A GoogleTest program; each of its tests is known to CTest by its own name.
function(anebench_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES;LABELS" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND anebench_)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE
    ${ARG_DEPENDS} ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main anebench_options)
  # Test data outside the project (may be absent) and inside it.
  target_compile_definitions(${name} PRIVATE
    ANEBENCH_SHARED_DATA="${PROJECT_SOURCE_DIR}/../shared/data"
    ANEBENCH_TESTDATA="${PROJECT_SOURCE_DIR}/testdata")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 900 LABELS "${ARG_LABELS}")
endfunction()
