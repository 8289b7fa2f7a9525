// What the image tests share: a scratch folder, programs run to their end, image archives, mounted images.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/image/store.h"

namespace image_test {

struct Finished {
  int status = -1;
  std::string out;
  std::string err;
};
// Runs a line of shell.
Finished shell(const std::string& line);
// As shell(), and fails the test with the program's output unless it succeeds; gives its stdout.
std::string must(const std::string& line);

// A folder of its own for each test; whatever was mounted in it is unmounted and all is removed at the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
};

// make_images.py KIND into the scratch folder; gives the path.
std::string make_image(const Scratch& scratch, const std::string& kind);

std::unique_ptr<runtime::image::Store> open_store(const std::string& root);
std::vector<runtime::image::Imported> import(runtime::image::Store& store, const std::string& path,
                                             const std::string& name = "");
// The error of an import that must fail.
base::Error import_error(runtime::image::Store& store, const std::string& path, const std::string& name = "");

// Mounts the image's layers with overlayfs below an upper folder, as a container would have them; gives the mount
// point.
std::string mount_image(const Scratch& scratch, const runtime::image::Store& store, const runtime::image::Image& image);

// The differences between two folders by compare_trees.py, empty when there are none.
std::string differences(const std::string& expected, const std::string& actual, const std::string& timeless = "");

// The store holds no blob, layer, chain, short name or temporary file.
void require_empty(const std::string& root);

}  // namespace image_test
