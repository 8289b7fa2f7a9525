// SHA-256 over a stream of bytes, and digests as images write them: "sha256:" and 64 hexadecimal digits.
#pragma once

#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace runtime::image {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const char> data);
  // The digest of all so far; the object is spent afterwards.
  std::string finish();

 private:
  evp_md_ctx_st* context_;
};

std::string sha256_of(std::string_view data);

// The hexadecimal part of a digest: the name of a file or folder in the store.
std::string hex_of(std::string_view digest);

}  // namespace runtime::image
