// PrefixedOutput: what containers write, each line behind the name of its source: standard output to ours, standard
// error to ours.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/synchronized.h"

namespace agent::cli {

// Thread-safe.
class PrefixedOutput {
 public:
  // Sources that are added together get one column for their names.
  void add(const std::vector<std::string>& sources);
  // Of which nothing comes any more. Their column stays.
  void remove(const std::vector<std::string>& sources);
  // False when the reader has gone.
  bool write(const std::string& source, bool is_stderr, std::string_view line) const;

 private:
  struct State {
    size_t longest = 0;
    size_t count = 0;
    std::map<std::pair<std::string, int>, std::string> prefixes;  // by source and descriptor
  };
  base::Synchronized<State> state_;
};

}  // namespace agent::cli
