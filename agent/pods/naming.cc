#include "agent/pods/naming.h"

#include <array>
#include <cstdint>

#include "base/concat.h"
#include "base/path.h"

namespace agent::pods {

namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr char kHex[] = "0123456789abcdef";
constexpr size_t kMaxFileName = 255;

// FNV-1a with 128 bits (draft-eastlake-fnv): names are the user's own, so no cryptographic strength is needed.
Uint128 fnv128(std::string_view text) {
  constexpr Uint128 kPrime = (Uint128{1} << 88) | 0x13b;
  Uint128 hash = (Uint128{0x6c62272e07bb0142} << 64) | 0x62b821756295c58d;
  for (const char character : text) hash = (hash ^ static_cast<unsigned char>(character)) * kPrime;
  return hash;
}

uint32_t fnv32(std::string_view text) {
  uint32_t hash = 2166136261U;
  for (const char character : text) hash = (hash ^ static_cast<unsigned char>(character)) * 16777619U;
  return hash;
}

}  // namespace

std::string pod_uid(std::string_view instance, std::string_view pod_namespace, std::string_view name) {
  // '/' cannot be part of any of the three.
  const Uint128 hash = fnv128(base::concat(instance, "/", pod_namespace, "/", name));
  std::string uid;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) uid += '-';
    unsigned value = static_cast<unsigned>(hash >> (124 - 4 * nibble)) & 0xfU;
    if (nibble == 12) value = 8;                  // version 8: a hash of one's own (RFC 9562, 5.8)
    if (nibble == 16) value = 8U | (value & 3U);  // variant
    uid += kHex[value];
  }
  return uid;
}

std::string container_hash(const api::Container& container) {
  const uint32_t hash = fnv32(base::concat(container.name, "\n", container.image));
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += kHex[(hash >> shift) & 0xfU];
  return text;
}

std::string pod_description(const api::Pod& pod) {
  return base::concat(pod.metadata.name, "_", pod.metadata.namespace_, "(", pod.metadata.uid, ")");
}

std::string pod_folder(const Paths& paths, std::string_view uid) { return base::concat(paths.root, "/pods/", uid); }

std::string message_file(const Paths& paths, std::string_view uid, std::string_view container, unsigned attempt) {
  return base::concat(pod_folder(paths, uid), "/containers/", container, "/", attempt);
}

std::string pod_log_folder(const Paths& paths, const api::Pod& pod) {
  return base::concat(paths.log_dir, "/", pod.metadata.namespace_, "_", pod.metadata.name, "_", pod.metadata.uid);
}

std::string log_file_name(unsigned attempt) { return base::concat(attempt, ".log"); }

std::string container_log_path(const Paths& paths, const api::Pod& pod, std::string_view container, unsigned attempt) {
  return base::concat(pod_log_folder(paths, pod), "/", container, "/", log_file_name(attempt));
}

std::string log_link_name(const api::Pod& pod, std::string_view container, std::string_view container_id) {
  const std::string tail = base::concat("-", container_id, ".log");
  std::string head = base::concat(pod.metadata.name, "_", pod.metadata.namespace_, "_", container);
  if (head.size() + tail.size() > kMaxFileName) head.resize(kMaxFileName - std::min(tail.size(), kMaxFileName));
  return head + tail;
}

std::string go_duration(std::chrono::seconds duration) {
  const int64_t total = duration.count();
  const int64_t hours = total / 3600;
  const int64_t minutes = total / 60 % 60;
  if (hours > 0) return base::concat(hours, "h", minutes, "m", total % 60, "s");
  if (minutes > 0) return base::concat(minutes, "m", total % 60, "s");
  return base::concat(total, "s");
}

}  // namespace agent::pods
