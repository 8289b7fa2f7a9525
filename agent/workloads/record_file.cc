#include "agent/workloads/record_file.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"

namespace agent::workloads {

namespace {

constexpr size_t kMaxRecord = 64UL << 20;
constexpr std::string_view kSuffix = ".json";

}  // namespace

RecordFolder::RecordFolder(const pods::Paths& paths, std::string_view name)
    : folder_(base::join_path(paths.state, name)) {}

std::string RecordFolder::path_of(const std::string& uid) const { return base::concat(folder_, "/", uid, kSuffix); }

base::Status RecordFolder::write(const std::string& uid, const std::string& text) const {
  TRY(base::make_dirs(folder_, 0700));
  return base::write_file_atomic(path_of(uid), text, 0600, base::Durability::kCrash);
}

base::Result<std::optional<std::string>> RecordFolder::read(const std::string& uid) const {
  base::Result<std::string> text = base::read_file(path_of(uid), kMaxRecord);
  if (!text && text.error().code() == base::Code::kNotFound) return std::nullopt;
  return TRY(std::move(text));
}

base::Result<std::vector<std::string>> RecordFolder::uids() const {
  std::vector<std::string> uids;
  for (const std::string& name : TRY(base::list_folder(folder_)))
    if (!name.starts_with('.') && name.ends_with(kSuffix)) uids.push_back(name.substr(0, name.size() - kSuffix.size()));
  return uids;
}

base::Status RecordFolder::forget(const std::string& uid) const {
  const base::Status removed = base::sys::unlinkat(AT_FDCWD, path_of(uid), 0);
  if (!removed && removed.error().code() != base::Code::kNotFound) return removed;
  return {};
}

base::Status RecordFolder::sweep() const {
  base::Status swept = base::sweep_temporaries(folder_);
  if (!swept && swept.error().code() == base::Code::kNotFound) return {};
  return swept;
}

}  // namespace agent::workloads
