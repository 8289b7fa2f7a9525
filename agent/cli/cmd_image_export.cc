#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

// Under another name until it is whole, so that a failure leaves neither a part nor the loss of what was there.
base::Status export_to_file(cri::LocalRuntime& local, const std::string& reference, const std::string& file) {
  const std::string partial = base::concat(file, ".", ::getpid(), ".partial");
  const base::UniqueFd out = TRY(base::sys::open(partial, O_WRONLY | O_CREAT | O_EXCL, 0644), "export ", reference);
  base::Status done = local.export_image({}, reference, out.get());
  if (done.has_value()) {
    done = base::sys::renameat2(AT_FDCWD, partial, AT_FDCWD, file, 0);
    if (!done.has_value()) done.error().add_context(base::concat("export ", reference));
  }
  if (done.has_value()) return {};
  if (base::Status removed = base::sys::unlinkat(AT_FDCWD, partial, 0); !removed.has_value())
    done.error().add_also(std::move(removed).error());
  return done;
}

// A device, a FIFO or a link (/dev/stdout) is written to, not replaced.
base::Status export_into(cri::LocalRuntime& local, const std::string& reference, const std::string& file) {
  const base::UniqueFd out = TRY(base::sys::open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644), "export ", reference);
  return local.export_image({}, reference, out.get());
}

base::Result<bool> is_replaceable(const std::string& file) {
  const auto info = base::sys::fstatat(AT_FDCWD, file, AT_SYMLINK_NOFOLLOW);
  if (info) return S_ISREG(info->st_mode);
  if (info.error().code() == base::Code::kNotFound) return true;
  return std::unexpected(info.error());
}

base::Status export_to(cri::LocalRuntime& local, const std::string& reference, const std::string& file) {
  if (file == "-") return local.export_image({}, reference, STDOUT_FILENO);
  if (TRY(is_replaceable(file), "export ", reference)) return export_to_file(local, reference, file);
  return export_into(local, reference, file);
}

}  // namespace

base::Result<int> image_export(const Globals& globals, const ImageExportArguments& arguments) {
  if (arguments.file == "-" && ::isatty(STDOUT_FILENO) == 1)
    return base::fail(base::Code::kInvalidArgument, "an archive is not written to a terminal; name a file or a pipe");
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  TRY(export_to(node->local(), arguments.reference, arguments.file));
  return 0;
}

}  // namespace agent::cli
