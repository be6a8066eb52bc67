# The library anebench::version: build_info() of anebench/base/version.h. Made after `base`.
function(anebench_version)
  set(source ${PROJECT_BINARY_DIR}/generated/version.cpp)
  # A target, not a custom command with dependencies: it looks at git at every build, and touches
  # the source only when something changed.
  add_custom_target(anebench_version_source
    COMMAND ${CMAKE_COMMAND}
      -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DTEMPLATE=${PROJECT_SOURCE_DIR}/cmake/version.cpp.in
      -DOUTPUT=${source} -DVERSION=${PROJECT_VERSION}
      "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
      -DBUILD_TYPE=${CMAKE_BUILD_TYPE} -DSANITIZERS=${ANEBENCH_SANITIZE}
      -P ${PROJECT_SOURCE_DIR}/cmake/generate_version.cmake
    BYPRODUCTS ${source}
    COMMENT "Looking at the version"
    VERBATIM)
  add_library(anebench_version STATIC ${source})
  add_library(anebench::version ALIAS anebench_version)
  add_dependencies(anebench_version anebench_version_source)
  target_link_libraries(anebench_version
    PUBLIC anebench_base PRIVATE $<BUILD_INTERFACE:anebench_options>)
  set_target_properties(anebench_version PROPERTIES EXPORT_NAME version)
  set_property(GLOBAL APPEND PROPERTY ANEBENCH_LAYERS version)
  install(FILES anebench/base/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/anebench/base)
endfunction()
