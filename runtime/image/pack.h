// A root folder -> one layer as a tar archive. The same folder always gives the same bytes: names are sorted, owners
// are numbers, and of the times only the modification time is kept.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "base/error.h"

namespace runtime::image {

using Sink = std::function<base::Status(std::span<const char>)>;

// kInvalidArgument: something in the folder cannot be in an image (a socket), or it is empty.
base::Status pack_folder(const std::string& folder, const Sink& sink);

}  // namespace runtime::image
