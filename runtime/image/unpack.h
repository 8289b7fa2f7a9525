// One layer's tar archive -> a folder that overlayfs can use as a lower directory.
//
// Whiteouts become overlayfs' own marks: ".wh.NAME" a character device 0:0 called NAME, ".wh..wh..opq" the attribute
// trusted.overlay.opaque. Other ".wh..wh." names are AUFS' bookkeeping, which no other file system reads, and are left
// out. What cannot be settled without the layers below is given back as notes (runtime/image/settle.h).
//
// Nothing outside the folder can be reached: names are cleaned lexically and refused when they escape, every component
// is opened without following links, and all work is relative to descriptors.
// https://github.com/opencontainers/image-spec/blob/main/layer.md
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/image/layer_stream.h"

namespace runtime::image {

// What a layer leaves open and what it takes on disk. Paths are relative: "usr/bin"; "" is the root.
struct LayerNotes {
  // Folders that the layer uses without an entry of their own: a lower layer decides what they look like.
  std::set<std::string> implied;
  // Hard links to files that this layer does not hold: path -> target.
  std::map<std::string, std::string> links_across;
  // The layer hides everything below it. overlayfs does not look at a root's own mark.
  bool opaque_root = false;
  uint64_t bytes = 0;  // content in blocks of 4 KiB
  uint64_t inodes = 0;

  bool explicit_root() const { return !implied.contains(""); }
};

// Unpacks into the (empty) folder. kInvalidArgument names the entry that is hostile or damaged; on failure the folder
// holds a part. The stream is read to its end, so that its digest is the layer's diff ID.
base::Result<LayerNotes> unpack_layer(LayerStream& stream, int folder, std::function<base::Status()> tick);

// "./a//b/../c/" -> "a/c", "/" -> "". kInvalidArgument where the name leaves the root.
base::Result<std::string> clean_entry_name(std::string_view name);

}  // namespace runtime::image
