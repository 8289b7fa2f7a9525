// configMap, secret, downwardAPI and projected: volumes whose files are given as content.
#pragma once

#include <string>

#include "base/error.h"
#include "volumes/spec.h"

namespace volumes {

// "kubernetes.io~secret" and so on: below <pod folder>/volumes.
const char* content_folder(ContentKind kind);

// Makes the folder (0777; of memory, a tmpfs, for all kinds but configMap, as the kubelet does) and writes the files
// (atomic_writer.h), then the mount points. Called again with other files it swaps them for the new ones while the
// volume stays in use. Repeatable. It goes by tear_down_folder.
base::Status set_up_content(const ContentSource& source, const std::string& path);

}  // namespace volumes
