#include "anebench/experiments/settings.h"

namespace anebench::experiments {

std::string_view qos_name(int qos) {
  switch (qos) {
    case 0: return "RealTime";
    case 33: return "UserInteractive";
    case 25: return "UserInitiated";
    case 21: return "Default";
    case 17: return "Utility";
    case 9: return "Background";
    default: return "custom";
  }
}

}  // namespace anebench::experiments
