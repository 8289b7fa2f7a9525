// Faults while they are collected: in the wording of the apiserver, so that what people know from kubectl reads the
// same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/codec.h"

namespace api {

// More than these help nobody; a hostile file could have hundreds of thousands.
constexpr size_t kMaxFaults = 100;

constexpr std::string_view kNotCarriedOut = "known to Kubernetes but not carried out by this version of nodeagent";

class FaultList {
 public:
  void add(std::string path, std::string message, int line = 0, int column = 0);
  void required(std::string path, std::string_view detail = {});
  void invalid(std::string path, std::string_view value, std::string_view detail);  // value is put in quotes
  void invalid_number(std::string path, int64_t value, std::string_view detail);
  void duplicate(std::string path, std::string_view value);
  void not_found(std::string path, std::string_view value);
  void not_carried_out(std::string path);

  bool full() const { return faults_.size() >= kMaxFaults; }
  std::vector<Fault>& list() { return faults_; }

 private:
  std::vector<Fault> faults_;
};

// The name that was probably meant: fewest single-character changes away, case ignored; empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace api
