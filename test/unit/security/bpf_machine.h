// A machine for the programs that seccomp takes: what a filter answers for a call, without making the call.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

class BpfMachine {
 public:
  explicit BpfMachine(const std::string& program) : program_(program.size() / sizeof(sock_filter)) {
    if (program.empty() || program.size() % sizeof(sock_filter) != 0) throw std::invalid_argument("not a program");
    std::memcpy(program_.data(), program.data(), program.size());
  }

  // SECCOMP_RET_…
  uint32_t run(const seccomp_data& data) const {
    uint32_t a = 0;
    for (size_t at = 0;; ++at) {
      const sock_filter& now = program_.at(at);
      switch (now.code) {
        case BPF_LD | BPF_W | BPF_ABS:
          if (now.k > sizeof(data) - sizeof(a)) throw std::out_of_range("load");
          std::memcpy(&a, reinterpret_cast<const char*>(&data) + now.k, sizeof(a));
          break;
        case BPF_ALU | BPF_AND | BPF_K:
          a &= now.k;
          break;
        case BPF_JMP | BPF_JA:
          at += now.k;
          break;
        case BPF_JMP | BPF_JEQ | BPF_K:
          at += a == now.k ? now.jt : now.jf;
          break;
        case BPF_JMP | BPF_JGT | BPF_K:
          at += a > now.k ? now.jt : now.jf;
          break;
        case BPF_JMP | BPF_JGE | BPF_K:
          at += a >= now.k ? now.jt : now.jf;
          break;
        case BPF_JMP | BPF_JSET | BPF_K:
          at += (a & now.k) != 0 ? now.jt : now.jf;
          break;
        case BPF_RET | BPF_K:
          return now.k;
        default:
          throw std::invalid_argument("an instruction that this machine does not have");
      }
    }
  }

 private:
  std::vector<sock_filter> program_;
};

}  // namespace test
