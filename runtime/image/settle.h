// Settling: what a layer that was unpacked by itself lacks once it lies on the layers below it.
//
// A layer's folder may hold folders that its archive never described (implied ones): they look as the lower layers have
// them. It may have hard links to lower files. And where an implied folder is a symbolic link below ("lib" with /lib ->
// usr/lib), its content belongs where the link points, as when layers are unpacked one over the other. All of this goes
// into a fix, a small folder that is put directly above the layer and that depends only on the layers below: one for
// each chain ID that needs it. Files in it are hard links to those of the layers, so it costs next to nothing.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/image/unpack.h"

namespace runtime::image {

struct LayerOnDisk {
  int folder = -1;  // its root folder
  LayerNotes notes;
};

struct Chain {
  const LayerOnDisk* layer = nullptr;       // the one to settle
  std::vector<int> below;                   // root folders that lie under it, fixes included, top-most first
  const LayerOnDisk* root_owner = nullptr;  // the highest layer, from this one down, that describes the root folder
  bool top = false;                         // nothing lies above it
};

// Without looking at files: could the layer need a fix here?
bool may_need_fix(const Chain& chain);
// Fills the (empty) folder; false when there was nothing to settle. kInvalidArgument: a hard link to nothing.
base::Result<bool> make_fix(const Chain& chain, int fix);

}  // namespace runtime::image
