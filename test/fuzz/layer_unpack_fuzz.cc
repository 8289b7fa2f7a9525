// A layer, however hostile, changes nothing outside the folder that it is unpacked into. Runs as root (device nodes,
// owners, trusted attributes); for anybody else every layer fails at its first entry.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/image/unpack.h"
#include "test/fuzz/fuzz.h"

namespace {

// What one input may take: a bomb within the reader's own bounds would fill the machine that fuzzes.
constexpr int kMaxTicks = 4;  // of about one megabyte

// <temporary>/{canary,layer}: what an escape by "..", a link or a folder swapped for a link would change.
class Sandbox {
 public:
  Sandbox() {
    std::string pattern = "/tmp/nodeagent-fuzz-XXXXXX";
    fuzz::require(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    fuzz::require(base::write_file_atomic(path_ + "/canary", "sings", 0600, base::Durability::kCrash).has_value());
    fuzz::require(::mkdir((path_ + "/layer").c_str(), 0755) == 0);
  }
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;
  ~Sandbox() { (void)base::remove_tree(path_); }

  base::UniqueFd layer() const {
    auto folder = base::sys::open(path_ + "/layer", O_RDONLY | O_DIRECTORY);
    fuzz::require(folder.has_value());
    return std::move(*folder);
  }

  void require_untouched() const {
    const auto canary = base::read_file(path_ + "/canary");
    fuzz::require(canary && *canary == "sings");
    struct stat status{};
    fuzz::require(::stat((path_ + "/canary").c_str(), &status) == 0);
    fuzz::require((status.st_mode & 07777) == 0600 && status.st_nlink == 1);
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path_.c_str()), ::closedir);
    fuzz::require(folder != nullptr);
    int entries = 0;
    while (::readdir(folder.get()) != nullptr) ++entries;
    fuzz::require(entries == 4);  // ".", "..", "canary", "layer"
  }

 private:
  std::string path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Sandbox sandbox;
  auto file = base::sys::memfd("layer", false);
  fuzz::require(file.has_value());
  fuzz::require(base::sys::write_all(file->get(), fuzz::text_of(data, size)).has_value());
  fuzz::require(::lseek(file->get(), 0, SEEK_SET) == 0);
  using runtime::image::LayerStream;
  runtime::image::ExpansionBudget budget;
  auto stream = LayerStream::start(std::move(*file), LayerStream::Origin::kOutside, budget);
  fuzz::require(stream.has_value());
  const base::UniqueFd layer = sandbox.layer();
  int ticks = 0;
  const auto notes = runtime::image::unpack_layer(**stream, layer.get(), [&ticks]() -> base::Status {
    if (++ticks > kMaxTicks) return base::fail(base::Code::kCancelled, "the input is too large to fuzz with");
    return {};
  });
  sandbox.require_untouched();
  if (notes) {
    for (const auto& [path, target] : notes->links_across) {
      for (const std::string& name : {path, target}) {
        const auto clean = runtime::image::clean_entry_name(name);
        fuzz::require(clean && *clean == name && !name.empty());
      }
    }
  }
  return 0;
}
