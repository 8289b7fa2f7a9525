#include "runtime/oci/user.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>
#include <utility>

#include "base/file.h"

namespace runtime::oci {
namespace {

constexpr const char* kPasswd = "/etc/passwd";
constexpr const char* kGroup = "/etc/group";
constexpr size_t kMaxFile = 4 << 20;    // bytes of a passwd or group file
constexpr int64_t kMaxId = 0x7fffffff;  // Kubernetes' limit for uids and gids
constexpr size_t kMaxGroups = 65536;    // NGROUPS_MAX

// --- passwd(5) and group(5) ---

struct PasswdLine {
  std::string_view name;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::string_view home;
};

struct GroupLine {
  std::string_view name;
  uint32_t gid = 0;
  std::string_view members;  // separated by commas
};

std::optional<uint32_t> parse_id(std::string_view text) {
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  if (value < 0 || value > kMaxId) return std::nullopt;
  return static_cast<uint32_t>(value);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// A name that can be meant by somebody: not empty, not an NIS line, nothing that ends a line or a text.
bool is_name(std::string_view name) {
  return !name.empty() && name[0] != '+' && name[0] != '-' && name[0] != '#' &&
         name.find('\0') == std::string_view::npos && name.find('\r') == std::string_view::npos;
}

std::optional<PasswdLine> parse_passwd(std::string_view line) {
  const std::vector<std::string_view> fields = split(line, ':');
  if (fields.size() < 4 || !is_name(fields[0])) return std::nullopt;
  const std::optional<uint32_t> uid = parse_id(fields[2]);
  const std::optional<uint32_t> gid = parse_id(fields[3]);
  if (!uid || !gid) return std::nullopt;
  return PasswdLine{.name = fields[0], .uid = *uid, .gid = *gid, .home = fields.size() > 5 ? fields[5] : ""};
}

std::optional<GroupLine> parse_group(std::string_view line) {
  const std::vector<std::string_view> fields = split(line, ':');
  if (fields.size() < 3 || !is_name(fields[0])) return std::nullopt;
  const std::optional<uint32_t> gid = parse_id(fields[2]);
  if (!gid) return std::nullopt;
  return GroupLine{.name = fields[0], .gid = *gid, .members = fields.size() > 3 ? fields[3] : ""};
}

template <typename Line>
std::vector<Line> parse_lines(const std::string& text, std::optional<Line> (*parse)(std::string_view)) {
  std::vector<Line> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (std::optional<Line> parsed = parse(line)) lines.push_back(*parsed);
  }
  return lines;
}

// The text of a file of the image, empty when there is none.
base::Result<std::string> read_optional(const RootFiles& root, const char* path) {
  base::Result<base::UniqueFd> file = root.open(path);
  if (!file && file.error().code() == base::Code::kNotFound) return std::string();
  const base::UniqueFd fd = TRY(std::move(file), "read the image's ", path);
  return TRY(base::read_fd(fd.get(), kMaxFile), "read the image's ", path);
}

// The two files and their parsed lines, which point into them.
class Accounts {
 public:
  static base::Result<Accounts> read(const RootFiles& root) {
    Accounts accounts;
    *accounts.passwd_text_ = TRY(read_optional(root, kPasswd));
    *accounts.group_text_ = TRY(read_optional(root, kGroup));
    accounts.users_ = parse_lines(*accounts.passwd_text_, &parse_passwd);
    accounts.groups_ = parse_lines(*accounts.group_text_, &parse_group);
    return accounts;
  }

  const PasswdLine* user(std::string_view name) const {
    const auto found = std::ranges::find(users_, name, &PasswdLine::name);
    return found == users_.end() ? nullptr : &*found;
  }
  const PasswdLine* user(uint32_t uid) const {
    const auto found = std::ranges::find(users_, uid, &PasswdLine::uid);
    return found == users_.end() ? nullptr : &*found;
  }
  const GroupLine* group(std::string_view name) const {
    const auto found = std::ranges::find(groups_, name, &GroupLine::name);
    return found == groups_.end() ? nullptr : &*found;
  }
  const std::vector<GroupLine>& groups() const { return groups_; }

 private:
  // Behind pointers, so that the lines stay valid when the object moves.
  std::unique_ptr<std::string> passwd_text_ = std::make_unique<std::string>();
  std::unique_ptr<std::string> group_text_ = std::make_unique<std::string>();
  std::vector<PasswdLine> users_;
  std::vector<GroupLine> groups_;
};

// --- what was asked for ---

struct Wanted {
  std::string user;   // name or number; empty: root
  std::string group;  // name or number; empty: the user's
};

base::Result<uint32_t> checked_id(std::string_view field, int64_t id) {
  if (id < 0 || id > kMaxId) {
    return base::fail(base::Code::kInvalidArgument, field, " is ", id, ", which does not lie in 0..", kMaxId);
  }
  return static_cast<uint32_t>(id);
}

base::Result<Wanted> wanted(const UserRequest& request) {
  Wanted out;
  if (request.run_as_user) out.user = base::concat(TRY(checked_id("run_as_user", *request.run_as_user)));
  if (!request.run_as_username.empty()) out.user = request.run_as_username;
  if (request.run_as_group) {
    if (out.user.empty()) {
      return base::fail(base::Code::kInvalidArgument, "run_as_group is ", *request.run_as_group,
                        ", but neither run_as_user nor run_as_username is given");
    }
    out.group = base::concat(TRY(checked_id("run_as_group", *request.run_as_group)));
  }
  if (!out.user.empty()) return out;
  const size_t colon = request.image_user.find(':');
  out.user = request.image_user.substr(0, colon);
  if (colon != std::string::npos) out.group = request.image_user.substr(colon + 1);
  return out;
}

base::Result<uint32_t> number(std::string_view kind, const std::string& text) {
  const std::optional<uint32_t> id = parse_id(text);
  if (!id) {
    return base::fail(base::Code::kInvalidArgument, kind, " ", text, " does not lie in 0..", kMaxId);
  }
  return *id;
}

struct Identity {
  uint32_t uid = 0;
  uint32_t gid = 0;
  const PasswdLine* line = nullptr;  // null when the uid is not in passwd
};

base::Result<Identity> find_user(const Accounts& accounts, const std::string& user) {
  Identity identity;
  if (user.empty() || is_number(user)) {
    if (!user.empty()) identity.uid = TRY(number("user", user));
    identity.line = accounts.user(identity.uid);
  } else {
    identity.line = accounts.user(user);
    if (identity.line == nullptr) {
      return base::fail(base::Code::kInvalidArgument, "user ", user, " is not in the image's /etc/passwd");
    }
    identity.uid = identity.line->uid;
  }
  if (identity.line != nullptr) identity.gid = identity.line->gid;
  return identity;
}

base::Result<uint32_t> find_group(const Accounts& accounts, const std::string& group) {
  if (is_number(group)) return number("group", group);
  const GroupLine* line = accounts.group(group);
  if (line == nullptr) {
    return base::fail(base::Code::kInvalidArgument, "group ", group, " is not in the image's /etc/group");
  }
  return line->gid;
}

bool lists_member(const GroupLine& group, std::string_view name) {
  const std::vector<std::string_view> members = split(group.members, ',');
  return std::ranges::find(members, name) != members.end();
}

// The groups of a process, in the order they were found, no number twice.
class GroupList {
 public:
  void add(uint32_t gid) {
    if (seen_.insert(gid).second) groups_.push_back(gid);
  }
  base::Result<std::vector<uint32_t>> take() && {
    if (groups_.size() > kMaxGroups) {
      return base::fail(base::Code::kInvalidArgument, "the user is in ", groups_.size(),
                        " groups; Linux allows at most ", kMaxGroups);
    }
    return std::move(groups_);
  }

 private:
  std::vector<uint32_t> groups_;
  std::set<uint32_t> seen_;
};

}  // namespace

base::Result<ResolvedUser> resolve_user(const RootFiles& root, const UserRequest& request) {
  const Wanted want = TRY(wanted(request));
  const Accounts accounts = TRY(Accounts::read(root));
  const Identity identity = TRY(find_user(accounts, want.user));

  ResolvedUser resolved{.uid = identity.uid, .gid = identity.gid, .additional_gids = {}, .home = "/"};
  if (!want.group.empty()) resolved.gid = TRY(find_group(accounts, want.group));
  // A home that is not absolute, or that no environment can hold, is none.
  if (identity.line != nullptr && identity.line->home.starts_with('/') &&
      identity.line->home.find('\0') == std::string_view::npos) {
    resolved.home = identity.line->home;
  }

  GroupList groups;
  groups.add(resolved.gid);
  if (request.policy == GroupsPolicy::kMerge && identity.line != nullptr) {
    for (const GroupLine& group : accounts.groups()) {
      if (lists_member(group, identity.line->name)) groups.add(group.gid);
    }
  }
  for (const int64_t gid : request.supplemental_groups) groups.add(TRY(checked_id("supplemental_groups", gid)));
  resolved.additional_gids = TRY(std::move(groups).take());
  return resolved;
}

}  // namespace runtime::oci
