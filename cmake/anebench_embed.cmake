# anebench_embed(<target> <file> <namespace> <constant>)
#
# Compiles a text file into `target` as `extern const std::string_view <namespace>::<constant>`,
# and builds it anew when the file changes. The text must not hold `)embed"`.
function(anebench_embed target file namespace constant)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} content)
  # String literals may be limited to 64 KiB, so the text is cut into adjacent pieces.
  set(pieces "")
  string(LENGTH "${content}" length)
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${content}" ${at} 8000 piece)
    string(APPEND pieces "    R\"embed(${piece})embed\"\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  get_filename_component(name ${file} NAME)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"// Made from ${name}.
#include <string_view>
namespace ${namespace} {
extern const std::string_view ${constant};
const std::string_view ${constant} =
${pieces}    ;
}  // namespace ${namespace}
")
  target_sources(${target} PRIVATE ${source})
endfunction()
