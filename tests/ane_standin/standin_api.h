// The mark of the few functions and variables that the stand-in exports; all else is hidden, since
// it holds a second copy of this project's library.
#pragma once

#define STANDIN_EXPORT __attribute__((visibility("default")))
