# Warnings, sanitizers and floating-point rules for every target of this project.
add_library(anebench_options INTERFACE)
target_compile_options(anebench_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow
  # Results must not depend on the compiler's freedom to fuse a*b+c.
  -ffp-contract=off)
if(ANEBENCH_WERROR)
  target_compile_options(anebench_options INTERFACE -Werror)
endif()
if(ANEBENCH_SANITIZE)
  target_compile_options(anebench_options INTERFACE
    -fsanitize=${ANEBENCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(anebench_options INTERFACE -fsanitize=${ANEBENCH_SANITIZE})
endif()
