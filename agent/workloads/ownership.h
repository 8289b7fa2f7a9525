// Ownership of a Job or CronJob. It has a lock, a control socket and a folder of its own, as pods have, named after its
// uid.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "agent/workloads/controller.h"
#include "base/file.h"
#include "base/synchronized.h"

namespace agent::pods {
class ControlServer;
}

namespace agent::workloads {

class Ownership {
 public:
  // Takes the lock. what: "Job default/pi"; reference: "job/pi", for messages. kUnavailable: another living process
  // owns it.
  static base::Result<std::unique_ptr<Ownership>> take(const Surroundings& around, const std::string& uid,
                                                       const std::string& what, const std::string& reference);
  // Stops listening before the lock is given up: the socket of the next owner has the same name.
  ~Ownership();

  // From now on other processes can ask.
  base::Status listen();
  void stop_listening();
  // What has been asked since the last call.
  std::optional<pods::StopRequest> asked();

 private:
  Ownership(const Surroundings& around, std::string uid, base::FileLock lock);

  const Surroundings& around_;
  const std::string uid_;
  const base::FileLock lock_;
  base::Synchronized<std::optional<pods::StopRequest>> asked_;
  std::unique_ptr<pods::ControlServer> control_;
};

// Has something done to what may have an owner: asks the owner and waits until it is done, or where there is none calls
// `act` with the lock held.
base::Status ask_or_act(const pods::Options& options, const std::string& uid, const pods::StopRequest& request,
                        const std::stop_token& cancel, const std::function<base::Status()>& act);

}  // namespace agent::workloads
