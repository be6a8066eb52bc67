# ccache where it is installed, unless a launcher was chosen.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(ANEBENCH_CCACHE ccache)
  mark_as_advanced(ANEBENCH_CCACHE)
  if(ANEBENCH_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${ANEBENCH_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${ANEBENCH_CCACHE})
  endif()
endif()

# Warnings and floating-point rules for every target of this project.
add_library(anebench_options INTERFACE)
target_compile_options(anebench_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow
  # Results must not depend on the compiler's freedom to fuse a*b+c.
  -ffp-contract=off)
if(ANEBENCH_WERROR)
  target_compile_options(anebench_options INTERFACE -Werror)
endif()
# For everything that is compiled here, GoogleTest included: sanitizers want the whole program.
if(ANEBENCH_SANITIZE)
  add_compile_options(-fsanitize=${ANEBENCH_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ANEBENCH_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++'s instrumentation hides initializations from this warning, in <regex> for one.
    target_compile_options(anebench_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
