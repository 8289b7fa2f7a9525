// The documents of an image: whatever a decoder accepts can be written, and reads the same again. Digests become file
// names, so that none but a well-formed one may come through.
#include <algorithm>

#include "runtime/image/metadata.h"
#include "runtime/image/reference.h"
#include "test/fuzz/fuzz.h"

namespace {

using namespace runtime::image;

bool same(const Descriptor& a, const Descriptor& b) {
  return a.media_type == b.media_type && a.digest == b.digest && a.size == b.size && a.annotations == b.annotations &&
         a.platform == b.platform;
}

bool same(const std::vector<Descriptor>& a, const std::vector<Descriptor>& b) {
  return std::ranges::equal(a, b, [](const Descriptor& x, const Descriptor& y) { return same(x, y); });
}

bool well_formed(const std::vector<Descriptor>& all) {
  return std::ranges::all_of(all, [](const Descriptor& each) { return is_sha256_digest(each.digest); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto index = parse_index(text)) {
    fuzz::require(well_formed(*index));
    const auto again = parse_index(write_index(*index));
    fuzz::require(again && same(*again, *index));
  }
  if (const auto manifest = parse_manifest(text)) {
    fuzz::require(well_formed(manifest->layers) && is_sha256_digest(manifest->config.digest));
    const auto again = parse_manifest(write_manifest(*manifest));
    fuzz::require(again && same(again->config, manifest->config) && same(again->layers, manifest->layers));
  }
  if (const auto config = parse_config(text)) {
    fuzz::require(std::ranges::all_of(config->diff_ids, [](const std::string& id) { return is_sha256_digest(id); }));
  }
  if (const auto images = parse_docker_manifest(text)) {
    fuzz::require(std::ranges::none_of(*images, [](const DockerImage& image) { return image.config.empty(); }));
  }
  if (const auto numbers = parse_numbers(text)) {
    const auto again = parse_numbers(write_numbers(*numbers));
    fuzz::require(again && *again == *numbers);
  }
  (void)check_layout_document(text);
  return 0;
}
