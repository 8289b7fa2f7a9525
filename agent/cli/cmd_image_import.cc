#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"

namespace agent::cli {

namespace {

// One line that is rewritten, on a terminal; nothing elsewhere.
void show_progress(const cri::ImageProgress& progress) {
  const std::string total =
      progress.total_bytes > 0 ? " of " + short_size(static_cast<uint64_t>(progress.total_bytes)) : std::string();
  print_error(base::concat("\r\x1b[K", progress.layer.substr(0, 19), "  ",
                           short_size(static_cast<uint64_t>(progress.done_bytes)), total));
}

}  // namespace

base::Result<int> image_import(const Globals& globals, const ImageImportArguments& arguments) {
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  const bool interactive = ::isatty(STDERR_FILENO) == 1;
  base::Result<std::vector<cri::ImportedImage>> imported = node->local().import_image(
      {}, arguments.path, arguments.name, interactive ? show_progress : [](const cri::ImageProgress&) {});
  if (interactive) print_error("\r\x1b[K");
  for (const cri::ImportedImage& image : TRY(imported)) {
    if (image.references.empty()) TRY(print(image.id + "\n"));
    for (const std::string& reference : image.references) TRY(print(base::concat(reference, " ", image.id, "\n")));
  }
  return 0;
}

}  // namespace agent::cli
