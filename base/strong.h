// Strong types: values that look alike (ids, bytes, milli-CPU) but must not be mixed up.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace base {

template <typename Tag, typename Rep>
struct Strong {
  Rep value{};

  Strong() = default;
  explicit Strong(Rep v) : value(std::move(v)) {}
  friend auto operator<=>(const Strong&, const Strong&) = default;
};

using Bytes = Strong<struct BytesTag, int64_t>;
using MilliCpu = Strong<struct MilliCpuTag, int64_t>;
using Uid = Strong<struct UidTag, uint32_t>;
using Gid = Strong<struct GidTag, uint32_t>;
using PodUid = Strong<struct PodUidTag, std::string>;
using SandboxId = Strong<struct SandboxIdTag, std::string>;
using ContainerId = Strong<struct ContainerIdTag, std::string>;

}  // namespace base

template <typename Tag, typename Rep>
struct std::hash<base::Strong<Tag, Rep>> {
  size_t operator()(const base::Strong<Tag, Rep>& strong) const { return std::hash<Rep>()(strong.value); }
};
