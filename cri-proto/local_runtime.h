// LocalRuntime: what CRI cannot say, for a runtime in the same process. A remote runtime answers kUnimplemented.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "cri-proto/service.h"
#include "cri-proto/usage.h"

namespace cri {

// The streams of a command without a terminal; empty: /dev/null. Give pipes, never descriptors of your own (files,
// terminals): what the container gets it can keep and change.
struct ExecStreams {
  base::UniqueFd in;
  base::UniqueFd out;
  base::UniqueFd err;
};

// In characters.
struct TerminalSize {
  unsigned columns = 80;
  unsigned rows = 24;
};

struct ExecOptions {
  std::string container_id;
  std::vector<std::string> command;
  std::optional<TerminalSize> terminal;  // the command gets one, of this size
};

// A command that runs in a container, started by exec().
class ExecSession {
 public:
  virtual ~ExecSession() = default;
  // Its exit status (128 + signal where a signal ended it).
  virtual base::Result<int> wait(const CallContext& context) = 0;
  // With ExecOptions::terminal, the master side of its terminal: what is read is output, what is written input. Else
  // empty.
  virtual base::UniqueFd take_terminal() = 0;
  virtual base::Status resize(unsigned columns, unsigned rows) = 0;
};

// A container's streams, joined by attach().
struct AttachedStreams {
  base::UniqueFd input;  // where wanted, the writing end of its stdin (with a terminal: its master; write only)
  // The first so many bytes of its log file come before the first byte of the copies; a line that is not complete yet
  // is in the copies, from its beginning.
  uint64_t log_bytes = 0;
};

// How far an import or a pull has come.
struct ImageProgress {
  std::string layer;  // digest, or the layer's place in the image
  int64_t done_bytes = 0;
  int64_t total_bytes = 0;  // 0 where unknown
};

struct ImportedImage {
  std::string id;                       // config digest, "sha256:…"
  std::vector<std::string> references;  // normalised names it can be run by
};

class LocalRuntime {
 public:
  virtual ~LocalRuntime() = default;

  // Runs a command with the caller's descriptors as its streams, or with a terminal of its own. Dropping the
  // session before its end kills the command.
  virtual base::Result<std::unique_ptr<ExecSession>> exec(const CallContext& context, ExecOptions options,
                                                          ExecStreams streams) = 0;

  // Copies the container's output from now on to out and err (-1: not wanted), which become non-blocking and get no
  // more when the container has ended: give the writing ends of pipes and close yours. A reader that falls behind is
  // cut off; it may attach again.
  virtual base::Result<AttachedStreams> attach(const CallContext& context, const std::string& container_id, int out,
                                               int err, bool want_stdin) = 0;
  // Sets the size of the container's terminal.
  virtual base::Status resize(const std::string& container_id, unsigned columns, unsigned rows) = 0;

  // Brings an image into the store from a docker-archive, an oci-archive, an OCI layout folder or a root folder.
  // name: the reference to give it; empty: the names the archive itself holds.
  virtual base::Result<std::vector<ImportedImage>> import_image(
      const CallContext& context, const std::string& path, const std::string& name,
      const std::function<void(const ImageProgress&)>& progress) = 0;

  // Writes the image as an oci-archive to the descriptor.
  virtual base::Status export_image(const CallContext& context, const std::string& reference, int out) = 0;

  // Of the pods with these uids, or of all where there is none. What has ended, or ends meanwhile, is left out.
  virtual base::Result<std::vector<PodUsage>> usage(const CallContext& context,
                                                    const std::vector<std::string>& pod_uids) = 0;
};

}  // namespace cri
