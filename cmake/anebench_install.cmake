# Installs the libraries, their headers and the program, so that others use
#   find_package(anebench REQUIRED)
#   target_link_libraries(app PRIVATE anebench::anebench)   # or one layer, anebench::mil
#
# Not for ANEBENCH_HEADER_ONLY_DEPS builds: their third-party headers live in the build folder.
include(CMakePackageConfigHelpers)
get_property(layers GLOBAL PROPERTY ANEBENCH_LAYERS)
list(TRANSFORM layers PREPEND anebench_ OUTPUT_VARIABLE layer_targets)

# "name folder" in the order in which they were added, for tools/check_layering.sh.
get_property(folders GLOBAL PROPERTY ANEBENCH_LAYER_FOLDERS)
set(ordered ${layers})
list(REMOVE_ITEM ordered version)  # its header lies in base
set(lines)
foreach(layer folder IN ZIP_LISTS ordered folders)
  string(APPEND lines "${layer} ${folder}\n")
endforeach()
file(CONFIGURE OUTPUT ${ANEBENCH_INCLUDE_ROOT}/layers.txt CONTENT "${lines}")

add_library(anebench_umbrella INTERFACE)
add_library(anebench::anebench ALIAS anebench_umbrella)
target_link_libraries(anebench_umbrella INTERFACE ${layer_targets})
set_target_properties(anebench_umbrella PROPERTIES EXPORT_NAME anebench)
set_target_properties(anebench_third_party PROPERTIES EXPORT_NAME third_party)

if(NOT ANEBENCH_HEADER_ONLY_DEPS)
  set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/anebench)
  install(TARGETS ${layer_targets} anebench_umbrella anebench_third_party EXPORT anebench_targets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT anebench_targets NAMESPACE anebench:: FILE anebenchTargets.cmake
          DESTINATION ${package_folder})
  configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/anebenchConfig.cmake.in
    ${PROJECT_BINARY_DIR}/anebenchConfig.cmake
    INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/anebenchConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/anebenchConfig.cmake
                ${PROJECT_BINARY_DIR}/anebenchConfigVersion.cmake
                ${PROJECT_SOURCE_DIR}/cmake/Finddnnl.cmake
                ${PROJECT_SOURCE_DIR}/cmake/Findlibzip.cmake
          DESTINATION ${package_folder})
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
          DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
