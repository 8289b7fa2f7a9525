// Why a container could not be brought up, as its status will say it.
#pragma once

#include <expected>
#include <string>

#include "base/error.h"

namespace agent::pods {

struct BringUpFailure {
  std::string reason;  // waiting reason: "ErrImagePull", "CreateContainerConfigError" …
  base::Error error;
};

template <typename T>
using BringUp = std::expected<T, BringUpFailure>;

}  // namespace agent::pods
