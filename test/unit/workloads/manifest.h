// Objects for tests, made from the YAML that users write.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "agent/api/codec.h"

namespace workloads_test {

// The file's only object.
inline api::Object object_from(const std::string& text) {
  auto read = api::decode_manifests(text);
  if (!read) FAIL(api::to_string(read.error(), "f"));
  return std::move(read->front().object);
}

// A job with these fields, as the inside of a map: "completions: 3, parallelism: 2".
inline api::Job job_of(const std::string& spec, const std::string& restart_policy = "Never") {
  return std::get<api::Job>(object_from(
      "apiVersion: batch/v1\nkind: Job\nmetadata: {name: pi}\nspec: {template: {metadata: {labels: {app: pi}}, spec: "
      "{restartPolicy: " +
      restart_policy + ", containers: [{name: main, image: busybox}]}}" + (spec.empty() ? "" : ", " + spec) + "}\n"));
}

}  // namespace workloads_test
