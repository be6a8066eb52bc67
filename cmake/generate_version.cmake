# Run at every build (cmake -P) with SOURCE_DIR, TEMPLATE, OUTPUT, VERSION, COMPILER, BUILD_TYPE and
# SANITIZERS. Writes OUTPUT only if it changes.
set(GIT_COMMIT unknown)
set(GIT_MODIFIED false)
# A source archive unpacked inside some other checkout is not that checkout.
if(EXISTS ${SOURCE_DIR}/.git)
  find_program(GIT git)
endif()
if(GIT)
  execute_process(
    COMMAND ${GIT} rev-parse --short=12 HEAD
    WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0 AND commit MATCHES "^[0-9a-f]+$")
    set(GIT_COMMIT ${commit})
    execute_process(
      COMMAND ${GIT} status --porcelain --untracked-files=no
      WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      set(GIT_MODIFIED true)
    endif()
  endif()
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
