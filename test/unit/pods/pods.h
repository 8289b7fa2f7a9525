// Pods for tests, made from the YAML that users write.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "agent/api/codec.h"

namespace test {

// The least that is a pod spec.
inline const char* const kWeb = "  containers:\n  - {name: web, image: 'app:1'}\n";

inline api::Pod pod_from(const std::string& spec) {
  const std::string text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: site\n  uid: u-1\nspec:\n" + spec;
  auto file = api::decode_run_file(text);
  if (!file) FAIL(api::to_string(file.error(), "pod.yaml"));
  return std::get<api::Pod>(std::move(file->front().object));
}

}  // namespace test
