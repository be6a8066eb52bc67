// Published rows beside ours, under a heading of their own and with chip and source. Pure;
// thread-safe.
#pragma once

#include <span>

#include "anebench/experiments/published.h"
#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// The published chains of the same channels and spatial size as any of the records (whatever their
// depth), both precisions of one source side by side. An empty document where there are none.
Document published_section(std::span<const record::Record> records,
                           std::span<const experiments::PublishedRow> published);

}  // namespace anebench::report
