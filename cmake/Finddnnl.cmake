# Finds oneDNN by its header and its shared library: dnnl_FOUND, dnnl_VERSION, DNNL::dnnl.
#
# Its own package file is not asked, since Debian's stops the configuration where the headers of
# OpenCL are missing, which this project does not use.
find_path(DNNL_INCLUDE_DIR NAMES oneapi/dnnl/dnnl.hpp)
find_library(DNNL_LIBRARY NAMES dnnl)
mark_as_advanced(DNNL_INCLUDE_DIR DNNL_LIBRARY)

set(dnnl_VERSION)
set(dnnl_version_header ${DNNL_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h)
if(EXISTS ${dnnl_version_header})
  file(STRINGS ${dnnl_version_header} lines REGEX "define DNNL_VERSION_(MAJOR|MINOR|PATCH) ")
  foreach(part MAJOR MINOR PATCH)
    if("${lines}" MATCHES "DNNL_VERSION_${part} +([0-9]+)")
      list(APPEND dnnl_VERSION ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(JOIN dnnl_VERSION "." dnnl_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(dnnl
  REQUIRED_VARS DNNL_LIBRARY DNNL_INCLUDE_DIR VERSION_VAR dnnl_VERSION)

if(dnnl_FOUND AND NOT TARGET DNNL::dnnl)
  add_library(DNNL::dnnl UNKNOWN IMPORTED)
  set_target_properties(DNNL::dnnl PROPERTIES
    IMPORTED_LOCATION ${DNNL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${DNNL_INCLUDE_DIR})
endif()
