#include "cni/pool.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>

#include "base/sys.h"

namespace cni {

using base::Code;
using base::concat;
using base::fail;
using base::fail_errno;
using base::FileLock;
using base::Result;
using base::Status;

namespace {

constexpr std::string_view kHeader = "nodeagent-addresses";
constexpr int kFormat = 1;
constexpr char kStruckOut = '#';
constexpr std::chrono::seconds kLockWait{30};

std::string_view next_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

Status check_format(std::string_view line) {
  int format = 0;
  const std::string_view header = next_word(line);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), format);
  if (header != kHeader || error != std::errc() || end != line.data() + line.size()) {
    return fail(Code::kDataLoss, "is no address pool");
  }
  if (format != kFormat) {
    return fail(Code::kFailedPrecondition, "is of format ", format, ", and this nodeagent knows format ", kFormat,
                " only: use the version that wrote it");
  }
  return {};
}

}  // namespace

// The text: a header line, then in any order
//   subnet 10.88.0.0/16
//   last 10.88.0.7
//   address 10.88.0.5 <boot id> <sandbox id>
//   #...                                       struck out, counts no more
Result<Pool> Pool::parse(std::string_view text, Subnet subnet, const std::string& boot_id) {
  Pool pool(subnet, boot_id);
  // What a power cut can leave of a file that was not fsynced; all addresses of that boot are free anyway.
  if (text.empty() || text.front() == '\0') return pool;
  TRY(check_format(next_line(text)));
  std::string_view of_subnet;
  int number = 1;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    ++number;
    if (line.starts_with(kStruckOut)) continue;
    const std::string_view kind = next_word(line);
    if (kind == "subnet") {
      of_subnet = line;
    } else if (kind == "last") {
      const Ipv4 last = TRY(parse_ipv4(line), "line ", number);
      if (subnet.contains(last)) pool.last_ = last;
    } else if (kind == "address") {
      const Result<Ipv4> address = parse_ipv4(next_word(line));
      const std::string_view boot = next_word(line);
      if (!address || line.empty()) return fail(Code::kDataLoss, "is damaged in line ", number);
      if (boot == boot_id && !pool.in_use_.emplace(*address, line).second) {
        return fail(Code::kDataLoss, "is damaged in line ", number, ": the address is given twice");
      }
    } else {
      return fail(Code::kDataLoss, "is damaged in line ", number);
    }
  }
  if (of_subnet != subnet.text() && !pool.in_use_.empty()) {
    return fail(Code::kFailedPrecondition, pool.in_use_.size(), " pods have addresses of the subnet ", of_subnet,
                ", so it cannot be changed to ", subnet.text(), " now: end them first, or give --subnet ", of_subnet);
  }
  for (const auto& [address, sandbox_id] : pool.in_use_) {
    if (address < subnet.first_pod() || address > subnet.last_pod()) {
      return fail(Code::kDataLoss, "is damaged: ", ipv4_text(address), " is no address for a pod in ", subnet.text());
    }
  }
  return pool;
}

std::string Pool::text() const {
  std::string text = concat(kHeader, " ", kFormat, "\nsubnet ", subnet_.text(), "\n");
  if (last_ != 0) text += concat("last ", ipv4_text(last_), "\n");
  for (const auto& [address, sandbox_id] : in_use_) {
    text += concat("address ", ipv4_text(address), " ", boot_id_, " ", sandbox_id, "\n");
  }
  return text;
}

Result<Ipv4> Pool::allocate(const std::string& sandbox_id) {
  if (const std::optional<Ipv4> had = find(sandbox_id)) return *had;
  const auto first_free_from = [&](Ipv4 candidate) {
    for (auto used = in_use_.lower_bound(candidate); used != in_use_.end() && used->first == candidate; ++used) {
      ++candidate;
    }
    return candidate;
  };
  const bool fresh = last_ < subnet_.first_pod() || last_ >= subnet_.last_pod();
  Ipv4 address = first_free_from(fresh ? subnet_.first_pod() : last_ + 1);
  if (address > subnet_.last_pod()) address = first_free_from(subnet_.first_pod());
  if (address > subnet_.last_pod()) {
    return fail(Code::kResourceExhausted, "no free address in the subnet ", subnet_.text(), ": all ", subnet_.pods(),
                " are in use by pods; end some, or start the instance with a larger --subnet");
  }
  in_use_.emplace(address, sandbox_id);
  last_ = address;
  return address;
}

bool Pool::release(const std::string& sandbox_id) {
  return std::erase_if(in_use_, [&](const auto& entry) { return entry.second == sandbox_id; }) > 0;
}

std::optional<Ipv4> Pool::find(const std::string& sandbox_id) const {
  for (const auto& [address, owner] : in_use_) {
    if (owner == sandbox_id) return address;
  }
  return std::nullopt;
}

Result<PoolFile::Lock> PoolFile::lock() {
  std::unique_lock<std::mutex> thread(threads_);
  FileLock process = TRY(FileLock::acquire(lock_path_, FileLock::Mode::kExclusive, kLockWait), "network");
  return Lock{std::move(thread), std::move(process)};
}

Result<Pool> PoolFile::read() const {
  const Result<std::string> text = base::read_file(path_);
  if (!text) {
    if (text.error().code() == Code::kNotFound) return Pool(subnet_, boot_id_);
    return std::unexpected(text.error());
  }
  Result<Pool> pool = Pool::parse(*text, subnet_, boot_id_);
  if (pool) return pool;
  const bool damaged = pool.error().code() == Code::kDataLoss;
  return std::unexpected(pool.error().add_context(
      concat("address pool ", path_, damaged ? " (to start with a new one, end all pods and remove it)" : "")));
}

Result<Ipv4> PoolFile::allocate(const std::string& sandbox_id) {
  const Lock held = TRY(lock());
  Pool pool = TRY(read());
  const Ipv4 address = TRY(pool.allocate(sandbox_id));
  TRY(write(pool));
  return address;
}

Status PoolFile::release(std::span<const std::string> sandbox_ids) {
  const Lock held = TRY(lock());
  Pool pool = TRY(read());
  bool changed = false;
  for (const std::string& sandbox_id : sandbox_ids) changed = pool.release(sandbox_id) || changed;
  if (!changed) return {};
  Status written = write(pool);
  const bool full = !written && (written.error().os_errno() == ENOSPC || written.error().os_errno() == EDQUOT);
  // What ends a pod must not need the space that only its end gives back.
  if (full && strike_out(sandbox_ids)) return {};
  return written;
}

// One byte of the file each: readers, who hold no lock, see the line or see it struck out.
Status PoolFile::strike_out(std::span<const std::string> sandbox_ids) const {
  const std::string text = TRY(base::read_file(path_));
  const base::UniqueFd file = TRY(base::sys::open(path_, O_WRONLY));
  for (size_t at = 0; at < text.size();) {
    const size_t length = std::string_view(text).substr(at).find('\n');
    const std::string_view line = std::string_view(text).substr(at, length);
    const std::string_view owner = line.substr(line.rfind(' ') + 1);
    const bool freed = line.starts_with("address ") && std::ranges::find(sandbox_ids, owner) != sandbox_ids.end();
    if (freed && ::pwrite(file.get(), &kStruckOut, 1, static_cast<off_t>(at)) != 1) {
      return fail_errno(errno, "free an address in ", path_);
    }
    at += line.size() + 1;
  }
  return {};
}

Status PoolFile::remove(const Lock&) {
  ::unlink((path_ + ".new").c_str());
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "remove ", path_);
  return {};
}

// As base::write_file_atomic, with one name for the next file: what a killed process leaves does not pile up in a
// folder that nobody sweeps.
Status PoolFile::write(const Pool& pool) const {
  const std::string next = path_ + ".new";
  ::unlink(next.c_str());  // left by a process that was killed between the two steps below
  const auto replace = [&]() -> Status {
    const base::UniqueFd fd = TRY(base::sys::open(next, O_WRONLY | O_CREAT | O_EXCL, 0600));
    TRY(base::sys::write_all(fd.get(), pool.text()));
    if (base::sys::renameat2(AT_FDCWD, next, AT_FDCWD, path_, RENAME_EXCHANGE)) {
      ::unlink(next.c_str());
      return {};
    }
    // There is no file yet, or this file system cannot exchange.
    return base::sys::renameat2(AT_FDCWD, next, AT_FDCWD, path_, 0);
  };
  Status replaced = replace();
  if (!replaced) {
    ::unlink(next.c_str());
    replaced.error().add_context(concat("write the address pool ", path_));
  }
  return replaced;
}

}  // namespace cni
