// The address pool: which sandbox has which address of the subnet.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "cni/subnet.h"

namespace cni {

// The pool as a value. Next-fit: an address that was freed is given out again as late as possible, since somebody may
// still hold a connection or a DNS answer for it. Network, gateway and broadcast addresses are never given.
class Pool {
 public:
  Pool(Subnet subnet, std::string boot_id) : subnet_(subnet), boot_id_(std::move(boot_id)) {}

  // Reads what text() wrote. Addresses of another boot are free: no pod outlives the kernel. kDataLoss for a damaged
  // text, kFailedPrecondition for a newer format or when addresses of another subnet are in use.
  static base::Result<Pool> parse(std::string_view text, Subnet subnet, const std::string& boot_id);
  std::string text() const;

  // The sandbox's address: the one that it has, else a free one. kResourceExhausted when there is none.
  base::Result<Ipv4> allocate(const std::string& sandbox_id);
  // Whether the sandbox had an address.
  bool release(const std::string& sandbox_id);
  std::optional<Ipv4> find(const std::string& sandbox_id) const;
  const std::map<Ipv4, std::string>& in_use() const { return in_use_; }

 private:
  Subnet subnet_;
  std::string boot_id_;
  Ipv4 last_ = 0;  // the address given last; 0: none yet
  std::map<Ipv4, std::string> in_use_;
};

// The pool in its file, shared by any number of processes. Readers need no lock (the file is replaced atomically);
// whoever changes it holds the flock, and the mutex in front of it queues the threads of this process, which flock
// would let poll. The file is not fsynced: it matters to this boot only.
class PoolFile {
 public:
  PoolFile(std::string path, std::string lock_path, Subnet subnet, std::string boot_id)
      : path_(std::move(path)), lock_path_(std::move(lock_path)), subnet_(subnet), boot_id_(std::move(boot_id)) {}

  // Exclusive over all threads and processes until the object goes. kDeadlineExceeded after 30 s.
  struct Lock {
    std::unique_lock<std::mutex> thread;
    base::FileLock process;
  };
  base::Result<Lock> lock();

  base::Result<Pool> read() const;
  base::Result<Ipv4> allocate(const std::string& sandbox_id);
  // Frees the addresses of those of the sandboxes that have one.
  base::Status release(std::span<const std::string> sandbox_ids);
  // Removes the file; a missing one is fine. The caller holds the lock.
  base::Status remove(const Lock& held);

 private:
  base::Status write(const Pool& pool) const;
  // Frees addresses where the disk is too full for a new file.
  base::Status strike_out(std::span<const std::string> sandbox_ids) const;

  const std::string path_;
  const std::string lock_path_;
  const Subnet subnet_;
  const std::string boot_id_;
  std::mutex threads_;
};

}  // namespace cni
