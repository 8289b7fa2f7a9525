#include "volumes/atomic_writer.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"

namespace volumes {

namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kPermissions = 0777;
constexpr std::string_view kReserved = "..";  // how the names of the layout begin
constexpr const char* kData = "..data";
constexpr const char* kNewData = "..data_tmp";

// What a data folder shall hold. The views and pointers are into the files it was made of.
struct Tree {
  std::map<std::string_view, const ContentFile*> files;  // by path
  std::set<std::string_view> folders;                    // "a", "a/b": a parent stands before what is in it

  // The names at the top, of files and folders.
  std::set<std::string> top() const {
    std::set<std::string> names;
    for (const auto& [path, file] : files) names.emplace(path.substr(0, path.find('/')));
    return names;
  }
  bool has(std::string_view path) const { return files.contains(path) || folders.contains(path); }
};

// What is wrong with the path by itself; nullptr: nothing.
const char* fault_of(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.starts_with('/')) return "is not relative";
  if (path.size() >= PATH_MAX) return "is too long";
  if (path.contains('\0')) return "has a NUL byte";
  if (path.starts_with(kReserved)) return "begins with \"..\"";
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view name = path.substr(start, end - start);
    if (name.empty()) return "has an empty component";
    if (name == "." || name == "..") return "has a component \".\" or \"..\"";
    if (name.size() > NAME_MAX) return "has a component that is too long";
    start = end + 1;
  }
  return nullptr;
}

base::Result<Tree> tree_of(const std::vector<ContentFile>& files) {
  using enum base::Code;
  Tree tree;
  for (const ContentFile& file : files) {
    const std::string_view path = file.path;
    if (const char* fault = fault_of(path)) return base::fail(kInvalidArgument, "file path \"", path, "\" ", fault);
    if ((file.mode & ~kPermissions) != 0)
      return base::fail(kInvalidArgument, "the mode of file ", path, " is more than permission bits");
    if (!tree.files.emplace(path, &file).second)
      return base::fail(kInvalidArgument, "file path ", path, " is there twice");
    for (size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
      tree.folders.insert(path.substr(0, slash));
  }
  for (const std::string_view folder : tree.folders)
    if (tree.files.contains(folder))
      return base::fail(kInvalidArgument, "file path ", folder, " is also the folder of another file");
  return tree;
}

std::string below(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : base::concat(folder, "/", name);
}

base::Result<std::vector<std::string>> names_in(int folder) {
  return base::list_folder(base::concat("/proc/self/fd/", folder));
}

// Whatever it is. A folder is emptied where it lies: remove_tree's temporary names would be seen in the volume.
base::Status remove_entry(int parent, const std::string& name) {
  const base::Status removed = base::sys::unlinkat(parent, name, 0);
  if (removed || removed.error().os_errno() == ENOENT) return {};
  if (removed.error().os_errno() != EISDIR) return removed;
  const base::UniqueFd folder = TRY(base::open_beneath_no_links(parent, name, O_RDONLY | O_DIRECTORY));
  for (const std::string& inner : TRY(names_in(folder.get()))) {
    const base::Status unlinked = base::sys::unlinkat(folder.get(), inner, 0);
    if (!unlinked && unlinked.error().os_errno() != EISDIR) return unlinked;
    if (!unlinked) TRY(base::remove_tree(base::concat("/proc/self/fd/", folder.get(), "/", inner)));
  }
  return base::sys::unlinkat(parent, name, AT_REMOVEDIR);
}

// The name of the data folder that the volume shows; empty where there is none, or "..data" is not a link of ours.
std::string current_data(int volume) {
  const base::Result<std::string> target = base::sys::readlinkat(volume, kData);
  const bool ours = target && target->starts_with(kReserved) && target->size() > kReserved.size() &&
                    !target->contains('/') && *target != kData && *target != kNewData;
  return ours ? *target : "";
}

// Removes what the layout has no use for among the names that it reserves: old data, and what a killed writer left.
base::Status remove_strays(int volume, const std::string& current) {
  for (const std::string& name : TRY(names_in(volume))) {
    const bool used = name == current || (name == kData && !current.empty());
    if (name.starts_with(kReserved) && !used) TRY(remove_entry(volume, name), "remove ", name);
  }
  return {};
}

// What cannot be looked at counts as different: it is then written anew, and that says what is wrong.
bool is_same_file(int data, const ContentFile& wanted) {
  // O_NONBLOCK: it may be a FIFO by now.
  const auto file = base::open_beneath_no_links(data, wanted.path, O_RDONLY | O_NONBLOCK);
  if (!file) return false;
  const auto found = base::sys::fstat(file->get());
  if (!found || found->st_mode != (S_IFREG | wanted.mode)) return false;
  const auto content = base::read_fd(file->get(), wanted.content.size());
  return content && *content == wanted.content;
}

// The folder is as we make them, and has nothing that is not wanted there.
bool is_same_folder(int data, std::string_view path, const Tree& tree) {
  const auto folder = base::open_beneath_no_links(data, std::string(path), O_RDONLY | O_DIRECTORY);
  if (!folder) return false;
  const auto found = base::sys::fstat(folder->get());
  if (!found || found->st_mode != (S_IFDIR | kFolderMode)) return false;
  const auto names = names_in(folder->get());
  return names && std::ranges::all_of(*names, [&](const std::string& name) { return tree.has(below(path, name)); });
}

bool holds(int volume, const std::string& current, const Tree& tree) {
  if (current.empty()) return false;
  const auto data = base::open_beneath_no_links(volume, current, O_RDONLY | O_DIRECTORY);
  if (!data) return false;
  return is_same_folder(data->get(), "", tree) &&
         std::ranges::all_of(tree.folders, [&](auto folder) { return is_same_folder(data->get(), folder, tree); }) &&
         std::ranges::all_of(tree.files, [&](const auto& file) { return is_same_file(data->get(), *file.second); });
}

base::Result<base::UniqueFd> make_folder_at(int parent, const std::string& name) {
  TRY(base::sys::mkdirat(parent, name, kFolderMode));
  base::UniqueFd folder = TRY(base::open_beneath_no_links(parent, name, O_RDONLY | O_DIRECTORY));
  TRY(base::sys::fchmod(folder.get(), kFolderMode));
  return folder;
}

base::Status write_file(int data, const ContentFile& wanted) {
  // Nobody else's until its mode is right.
  const base::UniqueFd file =
      TRY(base::open_beneath_no_links(data, wanted.path, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR));
  TRY(base::sys::write_all(file.get(), wanted.content));
  return base::sys::fchmod(file.get(), wanted.mode);
}

base::Status write_tree(int data, const Tree& tree) {
  for (const std::string_view folder : tree.folders) {
    const size_t slash = folder.rfind('/');
    const bool at_top = slash == std::string_view::npos;
    const std::string parent_path(at_top ? "" : folder.substr(0, slash));
    const base::UniqueFd parent = TRY(base::open_beneath_no_links(data, parent_path, O_RDONLY | O_DIRECTORY));
    TRY(make_folder_at(parent.get(), std::string(at_top ? folder : folder.substr(slash + 1))), "make folder ", folder);
  }
  for (const auto& [path, file] : tree.files) TRY(write_file(data, *file), "write ", path);
  return {};
}

// "..2026_01_31_12_00_00.123456789" (UTC). It is only a name: nothing is decided by the time in it.
std::string new_name() {
  const time_t now = std::time(nullptr);
  struct tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> stamp{};
  const size_t size = std::strftime(stamp.data(), stamp.size(), "..%Y_%m_%d_%H_%M_%S.", &utc);
  return base::concat(std::string_view(stamp.data(), size), std::random_device()());
}

// Writes the content into a folder of its own, which nothing leads to yet; its name.
base::Result<std::string> write_data(int volume, const Tree& tree) {
  std::string name = new_name();
  base::Result<base::UniqueFd> data = make_folder_at(volume, name);
  while (!data && data.error().os_errno() == EEXIST) {
    name = new_name();
    data = make_folder_at(volume, name);
  }
  if (!data) return std::unexpected(std::move(data).error());
  TRY(write_tree(data->get(), tree));
  return name;
}

base::Status show(int volume, const std::string& data) {
  TRY(base::sys::symlinkat(data, volume, kNewData));
  return base::sys::renameat2(volume, kNewData, volume, kData, 0);
}

// The link of a name at the top: "..data/<name>".
std::string link_of(std::string_view name) { return base::concat(kData, "/", name); }

bool is_linked(int volume, const std::string& name) {
  const base::Result<std::string> target = base::sys::readlinkat(volume, name);
  return target && *target == link_of(name);
}

base::Status link_names(int volume, const std::set<std::string>& names) {
  for (const std::string& name : names) {
    if (is_linked(volume, name)) continue;
    TRY(remove_entry(volume, name), "remove ", name);
    TRY(base::sys::symlinkat(link_of(name), volume, name));
  }
  return {};
}

// Only links of ours: a folder may be the mount point of another volume, which would be unmounted with it.
base::Status unlink_vanished(int volume, const std::set<std::string>& names) {
  for (const std::string& name : TRY(names_in(volume)))
    if (!names.contains(name) && is_linked(volume, name)) TRY(base::sys::unlinkat(volume, name, 0));
  return {};
}

}  // namespace

base::Status check_files(const std::vector<ContentFile>& files) {
  TRY(tree_of(files));
  return {};
}

base::Status write_files(int volume, const std::vector<ContentFile>& files) {
  const Tree tree = TRY(tree_of(files));
  std::string current = current_data(volume);
  // First, since what a killed writer left takes room and names.
  TRY(remove_strays(volume, current));
  if (!holds(volume, current, tree)) {
    current = TRY(write_data(volume, tree));
    TRY(show(volume, current));
  }
  // After the swap, so that a name never leads nowhere before its file is there; and also for unchanged content, since
  // a writer may have been killed between the two.
  TRY(link_names(volume, tree.top()));
  TRY(unlink_vanished(volume, tree.top()));
  return remove_strays(volume, current);
}

}  // namespace volumes
