// The files of a volume that is made of content, laid out as the kubelet's AtomicWriter does
// (kubernetes pkg/volume/util/atomic_writer.go), so that programs which watch "..data" work unchanged:
//
//   a.conf -> ..data/a.conf                 one link for each name at the top
//   tls -> ..data/tls
//   ..data -> ..2026_01_31_12_00_00.123     what the volume shows now
//   ..2026_01_31_12_00_00.123/a.conf        the files; never changed once "..data" leads to them
//   ..2026_01_31_12_00_00.123/tls/key.pem
//
// New content gets a folder of its own, and one rename(2) of "..data" shows all of it at once. A reader that has the
// old folder open keeps the old files.
//
// Nothing is fsynced: the content is made again at every start of the pod.
#pragma once

#include <vector>

#include "base/error.h"
#include "volumes/spec.h"

namespace volumes {

// kInvalidArgument, naming the path, for one that is not relative and below the volume in its shortest form ("", "/a",
// "a//b", "a/./b", "../a"), whose first name begins with ".." (reserved for the layout), that is longer than the kernel
// takes, that comes twice, or that is a file and also the folder of another; and for a mode beyond 0777.
base::Status check_files(const std::vector<ContentFile>& files);

// The volume (a folder's descriptor) shall show these files, with exactly their mode, in folders of 0755, whatever the
// umask. Where it does already nothing is touched. Also clears away what a writer that was killed half-way left. A
// container may have planted anything in it: no link there is followed, and what stands in the way of a name is
// removed. One caller at a time for each volume. Errors of check_files as there.
base::Status write_files(int volume, const std::vector<ContentFile>& files);

}  // namespace volumes
