# The build target `tidy` (preset tidy): clang-tidy over the sources, nothing compiled.
find_program(ANEBENCH_CLANG_TIDY NAMES clang-tidy-19 clang-tidy)
mark_as_advanced(ANEBENCH_CLANG_TIDY)
if(ANEBENCH_CLANG_TIDY)
  add_custom_target(tidy
    COMMAND ${PROJECT_SOURCE_DIR}/tools/run_clang_tidy.sh
      --build ${PROJECT_BINARY_DIR} --clang-tidy ${ANEBENCH_CLANG_TIDY}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    USES_TERMINAL VERBATIM)
  if(TARGET anebench_version_source)
    add_dependencies(tidy anebench_version_source)
  endif()
endif()
