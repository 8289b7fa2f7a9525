#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"

namespace agent::cli {

namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

std::string json_list(const Names& names) {
  std::string out = "[";
  for (const std::string& name : names) out += (out.size() > 1 ? "," : "") + json_string(name);
  return out + "]";
}

std::string image_json(const cri::v1::Image& image) {
  return base::concat("{\"id\":", json_string(image.id()), ",\"repoTags\":", json_list(image.repo_tags()),
                      ",\"repoDigests\":", json_list(image.repo_digests()), ",\"size\":", image.size(), "}");
}

// Enough of "sha256:…" to tell images apart.
std::string short_id(std::string_view id) {
  constexpr size_t kShown = 12;
  const size_t colon = id.find(':');
  return std::string(id.substr(colon == std::string_view::npos ? 0 : colon + 1).substr(0, kShown));
}

}  // namespace

base::Result<int> image_list(const Globals& globals, const ImageListArguments& arguments) {
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  const cri::v1::ListImagesResponse images = TRY(node->images().list_images({}, {}), "list images");
  if (arguments.output == OutputFormat::kJson) {
    std::string items;
    for (const cri::v1::Image& image : images.images()) items += (items.empty() ? "" : ",") + image_json(image);
    TRY(print(base::concat("{\"images\":[", items, "]}\n")));
    return 0;
  }
  std::vector<std::vector<std::string>> rows{{"IMAGE", "ID", "SIZE"}};
  for (const cri::v1::Image& image : images.images()) {
    const Names& names = image.repo_tags().empty() ? image.repo_digests() : image.repo_tags();
    if (names.empty()) rows.push_back({"<none>", short_id(image.id()), short_size(image.size())});
    for (const std::string& name : names) rows.push_back({name, short_id(image.id()), short_size(image.size())});
  }
  TRY(print(format_table(rows)));
  return 0;
}

}  // namespace agent::cli
