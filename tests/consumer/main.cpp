// Uses the installed library as its documentation says.
#include <anebench/base/version.h>
#include <anebench/mil/builder.h>

#include <cstdio>

int main() {
  std::printf("%s\n", anebench::build_info().description().c_str());
  return anebench::build_info().version.empty() ? 1 : 0;
}
