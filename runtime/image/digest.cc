#include "runtime/image/digest.h"

#include <openssl/evp.h>

#include <array>

namespace runtime::image {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::update(std::span<const char> data) { EVP_DigestUpdate(context_, data.data(), data.size()); }

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context_, raw.data(), &length);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "sha256:";
  for (unsigned i = 0; i < length; ++i) {
    out += kDigits[raw[i] >> 4U];
    out += kDigits[raw[i] & 15U];
  }
  return out;
}

std::string sha256_of(std::string_view data) {
  Sha256 hash;
  hash.update(data);
  return hash.finish();
}

std::string hex_of(std::string_view digest) {
  const size_t colon = digest.find(':');
  return std::string(colon == std::string_view::npos ? digest : digest.substr(colon + 1));
}

}  // namespace runtime::image
