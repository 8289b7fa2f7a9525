// Server: the shim's side of the protocol. Owns the clients and the containers; one thread, one loop, never blocks on
// a peer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/shim/container.h"
#include "runtime/shim/frame_io.h"
#include "runtime/shim/loop.h"
#include "runtime/shim/sandbox.h"

namespace runtime::shim {

class Server final : public Host {
 public:
  // sandbox: or why there is none, which the first client is told before the shim ends.
  Server(Loop loop, base::UniqueFd listener, base::Result<Sandbox> sandbox);

  base::Status listen();
  // One turn; false when the shim is to end.
  bool step();

  void reply(const Requester& to, Frame frame, std::span<const int> descriptors) override;
  void announce(const Frame& exited) override;
  Loop& loop() override { return loop_; }
  std::span<char> read_buffer() override;
  int inherited_oom_score() const override { return sandbox_->inherited_oom_score; }
  const SharedPid* shared_pid() const override {
    return sandbox_ && sandbox_->shared_pid ? &*sandbox_->shared_pid : nullptr;
  }

 private:
  struct Client final : Watcher {
    Client(Server& server, uint64_t client_serial, base::UniqueFd client_socket)
        : owner(server), serial(client_serial), socket(std::move(client_socket)) {}
    void ready() override { owner.on_request(*this); }
    Server& owner;
    uint64_t serial;
    base::UniqueFd socket;
    bool greeted = false;
    bool subscribed = false;
    bool closed = false;  // swept at the end of the turn
  };
  struct Answer {
    Frame frame;
    base::UniqueFd descriptor;
    bool later = false;  // a container answers itself
  };

  void on_client();
  void on_sandbox_init_end();
  void on_request(Client& client);
  base::Result<Answer> handle(Client& client, Received& request);
  base::Result<Answer> handle_container(const Requester& requester, Received& request);
  base::Result<Answer> hello(Client& client, const Frame& request);
  base::Status start(const Requester& requester, Received& request);
  base::Result<Answer> attach(Container& container, Received& request);
  base::Result<Answer> state() const;
  base::Status forget(Container& container);
  base::Status shutdown();
  Container* find(std::string_view id);
  void send(Client& client, const Frame& frame, std::span<const int> descriptors);
  void send_error(Client& client, uint64_t request_id, const base::Error& error);
  std::chrono::milliseconds next_wait() const;
  void pass_deadlines();
  void sweep();
  void trim_memory();

  Loop loop_;
  base::UniqueFd listener_;
  base::UniqueFd spare_;
  base::Result<Sandbox> sandbox_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Container>> containers_;
  uint64_t next_serial_ = 1;
  bool stopping_ = false;
  bool trimmed_ = false;
  MemberWatcher<Server, &Server::on_client> on_client_{*this};
  MemberWatcher<Server, &Server::on_sandbox_init_end> on_sandbox_init_end_{*this};
};

}  // namespace runtime::shim
